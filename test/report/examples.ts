/** A verdict and a comparison for each outcome, for reporters to render. */
import { parseClaim } from '../../src/claim/load.ts';
import { claimDigest } from '../../src/claim/digest.ts';
import { gitId, sha256 } from '../../src/model/digest.ts';
import type { Comparison } from '../../src/model/comparison.ts';
import type { Cause, Difference, Evidence, MovedSignature } from '../../src/model/difference.ts';
import type { ArtifactVerdict, FileIdentity, Outcome, Verdict } from '../../src/model/verdict.ts';
import { commit, digest, gitClaim } from '../claim/examples.ts';

const claim = parseClaim(gitClaim, 'x');
const other = sha256('0123456789abcdef'.repeat(4));

const shipped: FileIdentity = { sha256: sha256(digest), sha512: 'ab'.repeat(64), size: 1234567, secondHash: 'agreed' };
const built: FileIdentity = { ...shipped, sha256: other, size: 1200000, secondHash: 'skipped' };

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

const rodata: Evidence = {
  where: '.rodata "%s built on %s"',
  released: { at: 0x2010, size: 27, text: '/home/vendor/frobnicate/x.c', hex: hexOf('/home/vendor/frobnicate/x.c') },
  rebuilt: { at: 0x2010, size: 21, text: '/build/frobnicate/x.c', hex: hexOf('/build/frobnicate/x.c') },
};

const code: Evidence = {
  where: 'check_licence()',
  released: { at: 0x1139, size: 2, text: 'jmp 0x1161', hex: '4885c07526488b05d22e0000eb1e' },
  rebuilt: { at: 0x1139, size: 2, text: 'je 0x1161', hex: '4885c07526488b05d22e0000741e' },
};

const mtime: Evidence = {
  where: 'usr/bin/plover: mtime',
  released: { at: 136, size: 12, text: '2024-05-06 07:08:09', hex: hexOf('14616177351 ') },
  rebuilt: { at: 136, size: 12, text: '2023-11-14 22:13:20', hex: hexOf('14524635400 ') },
};

const quiet = { evidenceLeftOut: 0, residual: 1024 } as const;

export const causes: readonly Cause[] = [
  {
    ...quiet,
    kind: 'changed-code',
    path: 'data.tar/usr/bin/plover',
    certainty: 'proved',
    severity: 'grave',
    summary: 'check_licence() jumps where it asked before: je became jmp, and nothing else in the file accounts for it',
    evidence: [code],
    evidenceLeftOut: 3,
    explains: 0,
  },
  {
    ...quiet,
    kind: 'only-on-one-side',
    path: 'data.tar',
    certainty: 'proved',
    severity: 'grave',
    summary: 'usr/lib/libquince.so.1 is in the released archive only',
    evidence: [{ where: 'usr/lib/libquince.so.1', released: { at: 40960, size: 18232 } }],
    explains: 0,
  },
  {
    ...quiet,
    kind: 'build-path',
    path: 'data.tar/usr/bin/plover',
    certainty: 'proved',
    severity: 'notable',
    summary: 'built in /home/vendor/frobnicate instead of /build/frobnicate',
    evidence: [rodata, { ...rodata, where: '.debug_line_str' }],
    explains: 77120,
    fix: '-ffile-prefix-map=/build/frobnicate=.',
  },
  {
    ...quiet,
    kind: 'archive-time',
    path: 'data.tar',
    certainty: 'proved',
    severity: 'notable',
    summary: '62 times of the build instead of SOURCE_DATE_EPOCH',
    evidence: [mtime],
    evidenceLeftOut: 61,
    explains: 744,
    residual: 79168,
  },
  ...['usr/bin/tool-1', 'usr/bin/tool-2', 'usr/bin/tool-3'].map((path, index): Cause => ({
    ...quiet,
    kind: 'build-id',
    path: `data.tar/${path}`,
    certainty: 'suspected',
    severity: 'notable',
    summary: 'the build-id differs, as it must when the rest does',
    evidence: [
      {
        where: '.note.gnu.build-id',
        released: { at: 0x2c4, size: 20, hex: 'ab'.repeat(20) },
        rebuilt: { at: 0x2c4, size: 20, hex: 'cd'.repeat(20) },
      },
    ],
    explains: 20,
    residual: index,
  })),
  {
    ...quiet,
    kind: 'compressor-header',
    path: '',
    certainty: 'proved',
    severity: 'cosmetic',
    summary: 'the gzip header names the time 2024-05-06 07:08:09 instead of none',
    evidence: [
      { where: 'mtime', released: { at: 4, size: 4, hex: '99823866' }, rebuilt: { at: 4, size: 4, hex: '00000000' } },
    ],
    explains: 4,
    residual: 0,
  },
];

const unchanged = { deltas: [], deltasLeftOut: 0 } as const;

const tools = Array.from({ length: 60 }, (_, index) => ({
  ...unchanged,
  path: `data.tar/usr/bin/tool-${index}`,
  formats: ['elf'],
  change: 'changed' as const,
  sizes: { released: 1000 + index, rebuilt: 1000 },
  bytes: index + 1,
  unexplained: 0,
}));

export const richDifference: Difference = {
  bytes: 1234566,
  firstOffset: 72,
  files: [
    {
      path: '',
      formats: ['gzip', 'tar'],
      change: 'changed',
      sizes: { released: 1234567, rebuilt: 1200000 },
      bytes: 4,
      unexplained: 0,
      deltas: [{ ...mtime, where: 'mtime', class: 'metadata', bytes: 4, cause: 'compressor-header' }],
      deltasLeftOut: 0,
    },
    {
      path: 'data.tar',
      formats: ['tar'],
      change: 'changed',
      sizes: { released: 2345678, rebuilt: 2327040 },
      bytes: 744,
      unexplained: 0,
      deltas: [{ ...mtime, class: 'metadata', bytes: 12, cause: 'archive-time' }],
      deltasLeftOut: 61,
    },
    ...tools,
    {
      path: 'data.tar/usr/bin/plover',
      formats: ['elf'],
      change: 'changed',
      sizes: { released: 98304, rebuilt: 98296 },
      bytes: 78144,
      unexplained: 1024,
      deltas: [
        { ...code, class: 'content', bytes: 1024 },
        { ...rodata, class: 'content', bytes: 77120, cause: 'build-path' },
        { where: 'overlay', released: { at: 98296, size: 8, hex: '506c6f7665720a00' }, class: 'overlay', bytes: 8 },
      ],
      deltasLeftOut: 0,
      note: 'debugging sections are compressed and were not read further',
    },
    {
      ...unchanged,
      path: 'data.tar/usr/lib/libquince.so.1',
      formats: [],
      change: 'removed',
      sizes: { released: 18232 },
      bytes: 0,
      unexplained: 0,
    },
  ],
  causes,
  unexplained: 1024,
};

const differentArtifact: ArtifactVerdict = {
  ...identicalArtifact,
  outcome: 'different',
  rebuilt: built,
  difference: richDifference,
};

const explainedDifference: Difference = {
  bytes: 744,
  firstOffset: 136,
  files: [],
  causes: causes.filter(({ kind }) => kind === 'archive-time'),
  unexplained: 0,
  allowed: [{ allowance: 'tar-mtime@1', path: 'data.tar', regions: 62, released: other, rebuilt: sha256(digest) }],
};

const moved: MovedSignature = {
  kind: 'authenticode',
  regions: [
    { name: 'certificate table', at: 247296, size: 9512, sha256: other },
    { name: 'checksum', at: 216, size: 4, sha256: sha256(digest) },
  ],
  content: 'fits',
  signer: 'CN=Plover Software Ltd, C=NO',
  remarks: ['an unknown attribute 1.2.840.113549.1.9.16.2.99 of 64 bytes'],
};

const { source: _source, toolchain: _toolchain, engine: _engine, build: _build, ...bare } = base;

export const verdicts: Readonly<Record<Outcome, Verdict>> = {
  identical: base,
  'identical-with-signature': {
    ...base,
    outcome: 'identical-with-signature',
    artifacts: [{ ...identicalArtifact, outcome: 'identical-with-signature', rebuilt: built, signature: moved }],
  },
  explained: {
    ...base,
    outcome: 'explained',
    artifacts: [{ ...differentArtifact, outcome: 'explained', difference: explainedDifference }],
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

const comparison: Comparison = {
  comparison: 1,
  samesource: '0.1.0',
  outcome: 'identical',
  released: {
    path: 'dl/plover 2.4.1.tar.gz',
    kind: 'file',
    size: 1234567,
    sha256: sha256(digest),
    sha512: 'ab'.repeat(64),
  },
  rebuilt: { path: 'out/plover.tar.gz', kind: 'file', size: 1234567, sha256: sha256(digest) },
  startedAt: '2024-05-06T07:00:00.000Z',
  finishedAt: '2024-05-06T07:00:01.000Z',
};
const differing = { ...comparison, rebuilt: { ...comparison.rebuilt, size: 1200000, sha256: other } };

export const comparisons: Readonly<Record<Outcome, Comparison>> = {
  identical: comparison,
  'identical-with-signature': { ...differing, outcome: 'identical-with-signature', signature: moved },
  explained: { ...differing, outcome: 'explained', difference: explainedDifference },
  different: { ...differing, outcome: 'different', difference: richDifference },
  undecided: {
    ...comparison,
    outcome: 'undecided',
    released: { path: 'dl', kind: 'directory', size: 12 },
    rebuilt: { path: 'out', kind: 'directory', size: 13 },
    reason: { code: 'unsupported', message: 'links are not compared yet' },
  },
  refused: {
    ...differing,
    outcome: 'refused',
    reason: {
      code: 'archive-unsafe',
      message: 'plover 2.4.1.tar.gz: two entries have the name usr/bin/plover',
      hint: 'samesource ledger prints what was read',
    },
  },
};

/** Every document, by a name for tests. */
export const documents: readonly (readonly [name: string, document: Verdict | Comparison])[] = [
  ...Object.entries(verdicts).map(([name, document]) => [`verdict ${name}`, document] as const),
  ...Object.entries(comparisons).map(([name, document]) => [`comparison ${name}`, document] as const),
];

function hexOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex');
}
