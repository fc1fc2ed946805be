/** A verdict for each outcome, for reporters to render. */
import { parseClaim } from '../../src/claim/load.ts';
import { claimDigest } from '../../src/claim/digest.ts';
import { gitId, sha256 } from '../../src/model/digest.ts';
import type { ArtifactVerdict, FileIdentity, Outcome, Verdict } from '../../src/model/verdict.ts';
import { commit, digest, gitClaim } from '../claim/examples.ts';

const claim = parseClaim(gitClaim, 'x');
const other = sha256('0123456789abcdef'.repeat(4));

const shipped: FileIdentity = { sha256: sha256(digest), sha512: 'ab'.repeat(64), size: 1234567, secondHash: 'agreed' };
const built: FileIdentity = { ...shipped, sha256: other, size: 1, secondHash: 'skipped' };

const from = {
  urls: ['https://example.org/dl/x', 'https://cdn.example.org/x'],
  fetchedAt: '2024-05-06T07:08:09.000Z',
  vouchedBy: 'bookworm InRelease of 2024-05-01',
};

const identicalArtifact: ArtifactVerdict = {
  path: 'out/frobnicate.tar.gz',
  name: 'frobnicate-2.4.1.tar.gz',
  outcome: 'identical',
  released: { ...shipped, from },
  rebuilt: shipped,
};

const base: Verdict = {
  verdict: 1,
  samesource: '0.1.0',
  outcome: 'identical',
  claim: { name: claim.name, sha256: claimDigest(claim), text: claim },
  source: {
    kind: 'git',
    url: 'https://example.org/frobnicate.git',
    ref: 'refs/tags/v2.4.1',
    commit: gitId(commit),
    tree: gitId(commit),
    dirHash: other,
    signature: { status: 'valid', by: 'ada@example.org', fingerprint: 'SHA256:abc' },
  },
  toolchain: { kind: 'debian', platform: 'linux/amd64', digest: other, summary: '143 packages of bookworm' },
  engine: { name: 'bubblewrap', version: '0.8.0', origin: 'system', lacks: ['total memory limit'] },
  build: {
    dir: '/build/frobnicate',
    run: 'make',
    env: { SOURCE_DATE_EPOCH: '1700000000' },
    seconds: 12.34,
    log: { path: '/var/cache/samesource/logs/x.log', sha256: other, size: 4321 },
  },
  artifacts: [identicalArtifact],
  notes: ["the package's own tests were left out (nocheck); --check runs them"],
  startedAt: '2024-05-06T07:00:00.000Z',
  finishedAt: '2024-05-06T07:10:00.000Z',
};

const members = Array.from({ length: 60 }, (_, index) => ({
  path: `data.tar/usr/bin/tool-${index}`,
  change: 'changed' as const,
  bytes: index,
}));

const differentArtifact: ArtifactVerdict = {
  ...identicalArtifact,
  outcome: 'different',
  rebuilt: built,
  difference: {
    bytes: 1234566,
    firstOffset: 72,
    members: [
      ...members,
      {
        path: 'data.tar/usr/bin/sudo',
        change: 'metadata',
        bytes: 0,
        fields: [{ field: 'mode', released: '4755', rebuilt: '755' }],
      },
      { path: 'data.tar/etc/extra', change: 'added', bytes: 12 },
    ],
  },
};

const { source: _source, toolchain: _toolchain, engine: _engine, build: _build, ...bare } = base;

export const verdicts: Readonly<Record<Outcome, Verdict>> = {
  identical: base,
  'identical-with-signature': {
    ...base,
    outcome: 'identical-with-signature',
    artifacts: [{ ...identicalArtifact, outcome: 'identical-with-signature', rebuilt: built }],
  },
  explained: {
    ...base,
    outcome: 'explained',
    artifacts: [
      { ...differentArtifact, outcome: 'explained', difference: { bytes: 1, firstOffset: 0, unread: 'zip' } },
    ],
  },
  different: { ...base, outcome: 'different', artifacts: [differentArtifact, identicalArtifact] },
  undecided: {
    ...bare,
    outcome: 'undecided',
    reason: { code: 'build-failed', message: 'make ended with 2', hint: 'read the build log' },
    artifacts: [
      {
        path: 'out/x',
        name: 'x',
        outcome: 'undecided',
        reason: { code: 'build-failed', message: 'make ended with 2' },
      },
    ],
  },
  refused: {
    ...bare,
    outcome: 'refused',
    reason: { code: 'digest-mismatch', message: `sha256 of x: expected ${digest}, got ${other}` },
    artifacts: [],
  },
};
