import { expect, test } from 'vitest';
import { parseClaim } from '../../src/claim/load.ts';
import { writeClaim } from '../../src/claim/write.ts';
import type { Claim } from '../../src/model/claim.ts';
import { gitId, sha256 } from '../../src/model/digest.ts';
import { commit, digest, gitClaim } from './examples.ts';

const base = parseClaim(gitClaim, 'x');

const claims: Record<string, Claim> = {
  git: {
    ...base,
    source: {
      kind: 'git',
      url: '../repo',
      tag: '1.10',
      commit: gitId(commit),
      tree: gitId(commit),
      signers: 'keys/a',
      submodules: true,
      lfs: false,
    },
  },
  archive: {
    ...base,
    source: {
      kind: 'archive',
      url: 'vendor/frob-1.tar.xz',
      sha256: sha256(digest),
      strip: 1,
      against: { kind: 'git', url: 'https://example.org/r', commit: gitId(commit) },
    },
    build: {
      dir: '/build/x',
      env: { LC_ALL: 'C', EMPTY: '', NUMBER: '010', TRUTH: 'yes' },
      fetch: 'npm ci',
      run: 'set -e\nmake # not a comment: this\n\n  make install\n',
      limits: { seconds: 61, memoryBytes: 1234567, processes: 1, diskBytes: 5e9 },
    },
    artifacts: [
      { path: 'out/a b', released: { kind: 'file', path: '../a #1' }, allow: [], member: 'x/y' },
      { path: '../b', released: { kind: 'url', url: 'https://example.org/?a=b#c' }, allow: [] },
    ],
    reviews: ['reviews/one.json'],
  },
  debian: {
    ...base,
    name: '- [x]: "quoted"',
    source: {
      kind: 'debian',
      package: 'libcap2',
      version: '1:2.66-4',
      suites: ['bookworm', 'bookworm-updates'],
      binNmu: 'libcap2 (1:2.66-4+b1) sid; urgency=low, binary-only=yes\n\n  * Rebuild\n\n -- A B <a@example.org>  x\n',
    },
    toolchain: { kind: 'image', image: `registry.example/go@sha256:${digest}`, platform: 'linux/arm64' },
    artifacts: [
      {
        path: '../libcap2_2.66-4+b1_amd64.deb',
        released: { kind: 'debian', package: 'libcap2', version: '2.10', arch: 'amd64', suites: ['bookworm'] },
        allow: [],
      },
    ],
  },
};

test.each(Object.entries(claims))('a written %s claim loads back to the same claim', (_, claim) => {
  expect(parseClaim(writeClaim(claim), 'written')).toEqual(claim);
});

test('tells the reader what it is', () => {
  expect(writeClaim(base)).toMatch(/^# .*\n# .*\n\nclaim: 1\n/);
});
