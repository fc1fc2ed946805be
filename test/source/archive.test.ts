import { readFileSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ArchiveClaim } from '../../src/model/claim.ts';
import { sha256Of } from '../../src/platform/digest.ts';
import { archive } from '../../src/source/archive.ts';
import { extractArchive } from '../../src/source/archive/extract.ts';
import { git } from '../../src/source/git.ts';
import { hostileArchive } from '../../src/store/unpack.ts';
import { pax, tar, tarEntry, type RawEntry } from '../format/tar-fixture.ts';
import { dosSeconds, zip } from '../format/zip-fixture.ts';
import { codeOf, contextIn, hasGit, makeRepository, temporary } from './fixture.ts';

function claimFor(base: string, bytes: Uint8Array, more: Partial<ArchiveClaim> = {}): ArchiveClaim {
  mkdirSync(base, { recursive: true });
  writeFileSync(join(base, 'quince.archive'), bytes);
  return { kind: 'archive', url: 'quince.archive', sha256: sha256Of(bytes), ...more };
}

const entries: RawEntry[] = [
  { path: 'quince-2/', flag: '5', mode: 0o755, mtime: 1_600_000_000 },
  { path: 'quince-2/Makefile', content: 'all:\n', mtime: 1_600_000_500 },
  { path: 'quince-2/bin/gen', content: '#!/bin/sh\n', mode: 0o755 },
  { path: 'quince-2/link', flag: '2', link: 'Makefile' },
  { path: 'quince-2/hard', flag: '1', link: 'quince-2/Makefile' },
];

test('locks digests and the newest time, writes the files', async () => {
  const base = temporary();
  const claim = claimFor(base, gzipSync(tar(...entries)), { strip: 1 });
  const ctx = await contextIn(base);
  const lock = await archive.resolve(claim, ctx);
  expect(lock).toMatchObject({ url: 'quince.archive', sha256: claim.sha256, epoch: 1_600_000_500 });
  const fetched = await archive.fetch(claim, lock, ctx);
  await fetched.place(base, 'placed');
  expect(readFileSync(join(base, 'placed/hard'), 'utf8')).toBe('all:\n');
  expect(lstatSync(join(base, 'placed/bin/gen')).mode & 0o777).toBe(0o755);
  expect(lstatSync(join(base, 'placed/Makefile')).mtimeMs).toBe(1_600_000_500_000);
  expect(lstatSync(join(base, 'placed/link')).isSymbolicLink()).toBe(true);
  expect(readdirSync(join(base, 'store/tmp'))).toEqual([]);
});

test('zip, tar and tar.gz of the same files have the same dirHash', async () => {
  const bytes = tar({ path: 'a', content: 'one' }, { path: 'd/b', content: 'two' });
  const zipped = zip([
    { name: 'a', content: 'one' },
    { name: 'd/b', content: 'two', store: true },
  ]);
  const locks = [];
  for (const form of [bytes, gzipSync(bytes), zipped]) {
    const base = temporary();
    locks.push(await archive.resolve(claimFor(base, form), await contextIn(base)));
  }
  expect(new Set(locks.map(({ dirHash }) => dirHash)).size).toBe(1);
  // golang.org/x/mod/sumdb/dirhash: SHA-256 of the lines "HEX  NAME\n", sorted.
  const lines = [`${sha256Of('one')}  a\n`, `${sha256Of('two')}  d/b\n`].join('');
  expect(locks[0]?.dirHash).toBe(sha256Of(lines));
  expect(locks[2]?.epoch).toBe(dosSeconds);
});

test('a file that is not the one of the claim, or gone, or not an archive', async () => {
  const base = temporary();
  const ctx = await contextIn(base);
  const claim = claimFor(base, tar(...entries));
  writeFileSync(join(base, 'quince.archive'), tar());
  expect(await codeOf(archive.resolve(claim, ctx))).toBe('digest-mismatch');
  expect(await codeOf(archive.resolve({ ...claim, url: 'nowhere' }, ctx))).toBe('source-unavailable');
  expect(await codeOf(archive.resolve({ ...claim, url: 'gopher://x/y' }, ctx))).toBe('claim-invalid');
  expect(await codeOf(archive.resolve(claimFor(base, Buffer.from('not an archive')), ctx))).toBe('archive-unsafe');
});

test('a lock whose dirHash is another one', async () => {
  const base = temporary();
  const ctx = await contextIn(base);
  const claim = claimFor(base, tar(...entries));
  const lock = await archive.resolve(claim, ctx);
  expect(await codeOf(archive.fetch(claim, { ...lock, dirHash: sha256Of('other') }, ctx))).toBe('source-mismatch');
});

test('downloaded once', async () => {
  const base = temporary();
  const bytes = gzipSync(tar(...entries));
  let asked = 0;
  const server = createServer((_, answer) => {
    asked += 1;
    answer.end(bytes);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/q.tar.gz`;
  const claim: ArchiveClaim = { kind: 'archive', url, sha256: sha256Of(bytes) };
  const ctx = await contextIn(base);
  await archive.fetch(claim, await archive.resolve(claim, ctx), ctx);
  expect(asked).toBe(1);
  const gone: ArchiveClaim = { ...claim, sha256: sha256Of('other') };
  expect(await codeOf(archive.resolve(gone, ctx))).toBe('digest-mismatch');
  expect(await codeOf(archive.resolve(gone, await contextIn(base, { offline: true })))).toBe('source-unavailable');
});

const hostile: Record<string, Uint8Array> = {
  'a name with ..': tar({ path: '../evil', content: 'x' }),
  'an absolute name': tar({ path: '/tmp/evil', content: 'x' }),
  'a link, then a file below it': tar({ path: 'd', flag: '2', link: '/tmp' }, { path: 'd/evil', content: 'x' }),
  'a link, then a file in its place': tar({ path: 'd', flag: '2', link: '/tmp/evil' }, { path: 'd', content: 'x' }),
  'a hard link to outside': tar({ path: 'h', flag: '1', link: '/etc/passwd' }),
  'a hard link with ..': tar({ path: 'h', flag: '1', link: '../../etc/passwd' }),
  'a hard link through a link': tar({ path: 'd', flag: '2', link: '/etc' }, { path: 'h', flag: '1', link: 'd/passwd' }),
  'a hard link to a link': tar({ path: 'd', flag: '2', link: '/etc/passwd' }, { path: 'h', flag: '1', link: 'd' }),
  'a file given twice': tar({ path: 'f', content: 'a' }, { path: 'f', content: 'b' }),
  'a file given twice, once with ./': tar({ path: 'f', content: 'a' }, { path: './/f', content: 'b' }),
  'a file and a directory of one name': tar({ path: 'f', content: 'a' }, { path: 'f/', flag: '5' }),
  'names that one normal form makes equal': tar(
    { path: 'caf\u00e9', content: 'a' },
    { path: 'cafe\u0301', content: 'b' },
  ),
  'a character device': tar({ path: 'null', flag: '3' }),
  'a fifo': tar({ path: 'pipe', flag: '6' }),
  'two sizes': tar(pax([['size', '1024']]), { path: 'f', content: '' }, { path: 'x' }),
  'bytes after the end': Buffer.concat([tar({ path: 'f' }), Buffer.from('more')]),
  'a truncated gzip stream': gzipSync(tar(...entries)).subarray(0, -12),
  'a gzip stream with a wrong check sum': Buffer.concat([gzipSync(tar(...entries)).subarray(0, -8), Buffer.alloc(8)]),
  'bytes after a gzip stream': Buffer.concat([gzipSync(tar(...entries)), Buffer.from('more')]),
  'a truncated tar': tar(...entries).subarray(0, 1500),
  'a zip with a prefix': Buffer.concat([
    zip([{ name: 'a', content: 'x' }]).subarray(0, 4),
    zip([{ name: 'a', content: 'x' }]),
  ]),
  'a zip with a name that leaves': zip([{ name: '../../evil', content: 'x' }]),
  'a zip with a link, then a file below it': zip([
    { name: 'd', content: '/tmp', mode: 0o120777, store: true },
    { name: 'd/evil', content: 'x' },
  ]),
  'a zip with names that one normal form makes equal': zip([
    { name: 'caf\u00e9', content: 'a' },
    { name: 'cafe\u0301', content: 'b' },
  ]),
};

test.each(Object.entries(hostile))('refused: %s', async (_, bytes) => {
  const base = temporary();
  expect(
    await codeOf(archive.resolve(claimFor(join(base, 'in/side'), bytes), await contextIn(join(base, 'in/side')))),
  ).toBe('archive-unsafe');
  expect(readdirSync(base)).toEqual(['in']);
});

test('strip refuses what it would leave out or mix', async () => {
  const base = temporary();
  const ctx = await contextIn(base);
  const above = tar({ path: 'hidden.m4', content: 'x' }, ...entries);
  expect(await codeOf(archive.resolve(claimFor(base, above, { strip: 1 }), ctx))).toBe('archive-unsafe');
  const two = tar({ path: 'other/x', content: 'x' }, ...entries);
  expect(await codeOf(archive.resolve(claimFor(base, two, { strip: 1 }), ctx))).toBe('archive-unsafe');
});

test('bombs: 50 MB of zeros under a small cap, too many entries', { timeout: 60_000 }, async () => {
  const base = temporary();
  const path = join(base, 'bomb');
  const dir = join(base, 'out');
  mkdirSync(dir);
  const zeros = Buffer.alloc(50_000_000);
  for (const bytes of [
    gzipSync(tar({ path: 'zeros', content: zeros })),
    gzipSync(zeros),
    zip([{ name: 'zeros', content: zeros }]),
    gzipSync(
      Buffer.concat([...Array.from({ length: 2000 }, (_, n) => tarEntry({ path: `f${n}` })), Buffer.alloc(1024)]),
    ),
  ]) {
    writeFileSync(path, bytes);
    const rules = { ...hostileArchive, maxBytes: 1_000_000, maxEntries: 1000 };
    expect(await codeOf(extractArchive(path, dir, 0, rules))).toBe('archive-unsafe');
  }
});

describe.skipIf(!hasGit)('against a repository (skipped where git is not installed)', () => {
  test('extra, missing and changed files are listed', async () => {
    const base = temporary();
    const repository = await makeRepository(join(base, 'repo'), {
      Makefile: 'all:\n',
      'secret.c': 'int hidden;\n',
      version: '$Format:%H$\n',
      run: { run: '#!/bin/sh\n' },
      '.gitattributes': 'secret.c export-ignore\nversion export-subst\n',
    });
    const commit = await repository.commit('one');
    await repository.git('tag', 'v2');
    await repository.git('archive', '--prefix=quince/', '-o', join(base, 'git.tar'), 'v2');
    const honest = readFileSync(join(base, 'git.tar'));
    const end = honest.length - trailingZeros(honest);
    const extra = tarEntry({ path: 'quince/m4/build-to-host.m4', content: 'eval\n' });
    const bytes = Buffer.concat([honest.subarray(0, end), extra, Buffer.alloc(1024)]);
    const against = { kind: 'git', url: 'repo', tag: 'v2', commit } as const;
    const claim = claimFor(base, bytes, { strip: 1, against });
    const ctx = await contextIn(base);
    const lock = await archive.resolve(claim, ctx);
    expect(lock.drift).toEqual({ extra: ['m4/build-to-host.m4'], missing: ['secret.c'], changed: ['version'] });
    const fetched = await archive.fetch(claim, lock, ctx);
    expect(fetched.identity).toMatchObject({ drift: lock.drift, against: { commit, tree: lock.against?.tree } });
    const repositoryLock = await git.resolve(against, ctx);
    expect(lock.against).toEqual(repositoryLock);
  });
});

/** Whole zero blocks at the end of an archive. */
function trailingZeros(bytes: Buffer): number {
  let zeros = 0;
  while (bytes.subarray(bytes.length - zeros - 512, bytes.length - zeros).every((byte) => byte === 0)) zeros += 512;
  return zeros;
}
