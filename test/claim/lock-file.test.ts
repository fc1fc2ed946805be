import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { claimDigest } from '../../src/claim/digest.ts';
import { parseClaim } from '../../src/claim/load.ts';
import { lockPath, readLock, writeLock } from '../../src/claim/lock-file.ts';
import { gitId, sha256 } from '../../src/model/digest.ts';
import type { Lock } from '../../src/model/lock.ts';
import { bent, commit, digest, gitClaim } from './examples.ts';

const claim = parseClaim(gitClaim, 'x');

const lock: Lock = {
  lock: 1,
  claim: claimDigest(claim),
  source: {
    kind: 'git',
    url: 'https://example.org/frobnicate.git',
    ref: 'refs/tags/v2.4.1',
    commit: gitId(commit),
    tree: gitId(commit),
    dirHash: sha256(digest),
    epoch: 1700000000,
    signature: { status: 'unknown-key', keyId: 'ABCD' },
  },
  toolchain: {
    kind: 'debian',
    platform: 'linux/amd64',
    indexes: [{ suite: 'bookworm', date: 'x', inRelease: sha256(digest), packages: sha256(digest), signedBy: ['AB'] }],
    packages: [
      {
        name: 'gcc',
        archive: 'debian',
        path: 'pool/main/g/gcc.deb',
        seen: '20240506T070809Z',
        sha256: sha256(digest),
        size: 5,
        version: '4:12',
        arch: 'amd64',
      },
    ],
  },
  artifacts: [
    {
      path: 'out/frobnicate.tar.gz',
      released: { kind: 'url', url: 'https://example.org/x' },
      urls: ['https://example.org/x'],
      sha256: sha256(digest),
      size: 7,
    },
  ],
};

async function claimPath(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'samesource-lock-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  return join(dir, 'samesource.yaml');
}

test('lies next to the claim', () => {
  expect(lockPath('/a/samesource.yaml')).toBe('/a/samesource.lock.json');
  expect(lockPath('/a/frob.yml')).toBe('/a/frob.lock.json');
});

test('what is written is read back, and nothing is left beside it', async () => {
  const path = await claimPath();
  await writeLock(path, lock);
  expect(await readLock(path, claim)).toEqual(lock);
  expect(await readdir(join(path, '..'))).toEqual(['samesource.lock.json']);
});

test('a missing lock is a usage error with a hint', async () => {
  await expect(readLock(await claimPath(), claim)).rejects.toMatchObject({
    code: 'lock-missing',
    hint: expect.stringContaining('samesource lock'),
  });
});

test('a lock for another version of the claim is stale', async () => {
  const path = await claimPath();
  await writeLock(path, lock);
  const changed = parseClaim(bent('run: make', 'run: make all'), 'x');
  await expect(readLock(path, changed)).rejects.toMatchObject({ code: 'lock-stale' });
});

test.each([
  ['an unknown key', '"lock": 1,', '"lock": 1, "extra": 1,'],
  ['a duplicate key', '"lock": 1,', '"lock": 1, "lock": 1,'],
  ['a short digest', `"manifest"`, `"manifest"`],
  ['a negative size', '"size": 7', '"size": -7'],
  ['an unknown kind', '"kind": "debian"', '"kind": "nix"'],
  ['text after its end', '"lock": 1,', '"lock": 1}, {'],
])('refuses %s', async (what, piece, replacement) => {
  const path = await claimPath();
  await writeLock(path, lock);
  const text = await readFile(lockPath(path), 'utf8');
  const bad =
    what === 'a short digest' ? text.replaceAll(digest, digest.slice(0, 40)) : text.replace(piece, replacement);
  expect(bad).not.toBe(text);
  await writeFile(lockPath(path), bad);
  await expect(readLock(path, claim)).rejects.toMatchObject({
    code: 'claim-invalid',
    message: expect.stringMatching(/^samesource\.lock\.json:\d+:\d+: /),
  });
});

test('refuses to write a lock that it would not read', async () => {
  const wrong = { ...lock, extra: 1 } as Lock;
  await expect(writeLock(await claimPath(), wrong)).rejects.toMatchObject({ code: 'bug' });
});
