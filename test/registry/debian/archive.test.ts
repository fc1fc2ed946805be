import { expect, test, vi } from 'vitest';
import { sha256Of } from '../../../src/platform/digest.ts';
import { obtainPoolFile, snapshotTime } from '../../../src/registry/debian/archive.ts';
import { openPackages } from '../../../src/registry/debian/packages.ts';
import { debianRelease } from '../../../src/release/debian.ts';
import { codeOf } from '../../source/fixture.ts';
import { contextFor, serveArchive, signedRelease, type Archive } from './archive-fixture.ts';

vi.mock('../../../src/registry/debian/keys.ts', async () => {
  const { archiveKey } = await import('./archive-fixture.ts');
  return { debianArchiveKeys: [archiveKey] };
});

const plover = { name: 'plover', version: '2.1-1', suite: 'bookworm' };
const release = 'dists/bookworm/InRelease';

async function open(archive: Archive): Promise<string | undefined> {
  const ctx = await contextFor(archive);
  return codeOf(openPackages(['bookworm'], 'amd64', ctx));
}

test('an index is read through its signature, and each file once', async () => {
  const archive = await serveArchive([plover]);
  const ctx = await contextFor(archive);
  const index = await openPackages(['bookworm'], 'amd64', ctx);
  expect(index.named('plover')).toMatchObject([{ version: '2.1-1', suite: 'bookworm', seen: '20260712T101637Z' }]);
  expect(index.indexes[0]?.signedBy).toHaveLength(1);
  const before = archive.asked.length;
  await openPackages(['bookworm'], 'amd64', { ...ctx });
  expect(archive.asked.slice(before)).toEqual([release]);
});

test('without network the index that was verified last serves, and that is said', async () => {
  const archive = await serveArchive([plover]);
  const ctx = await contextFor(archive);
  await openPackages(['bookworm'], 'amd64', ctx);
  archive.files.delete(release);
  const notes: string[] = [];
  const progress = { step: () => {}, update: () => {}, note: (text: string) => void notes.push(text) };
  expect((await openPackages(['bookworm'], 'amd64', { ...ctx, progress })).named('plover')).toHaveLength(1);
  expect(notes).toHaveLength(1);
});

test('a changed InRelease is refused', async () => {
  const archive = await serveArchive([plover]);
  const text = archive.files.get(release)?.toString() ?? '';
  archive.files.set(
    release,
    Buffer.from(text.replace(/[0-9a-f]{64}/, (digest) => digest.replace(/./, digest.startsWith('0') ? '1' : '0'))),
  );
  expect(await open(archive)).toBe('signature-invalid');
});

test('an InRelease signed for another suite is refused', async () => {
  const archive = await serveArchive([plover]);
  archive.files.set(release, Buffer.from(await signedRelease('trixie', {})));
  expect(await open(archive)).toBe('signature-invalid');
});

test('an unsigned InRelease is refused', async () => {
  const archive = await serveArchive([plover]);
  archive.files.set(release, Buffer.from('Codename: bookworm\nSHA256:\n'));
  expect(await open(archive)).toBe('signature-invalid');
});

test('a changed Packages is refused', async () => {
  const archive = await serveArchive([plover]);
  archive.files.set('dists/bookworm/main/binary-amd64/Packages.gz', Buffer.from('changed'));
  expect(await open(archive)).toBe('digest-mismatch');
});

test('an endless InRelease ends', async () => {
  const archive = await serveArchive([plover]);
  archive.endless.add(release);
  expect(await open(archive)).toBe('too-large');
});

test('an endless package ends at its announced size', async () => {
  const archive = await serveArchive([plover]);
  const ctx = await contextFor(archive);
  const lock = await debianRelease.resolve(artifact, ctx);
  archive.endless.add('pool/main/plover_2.1-1_amd64.deb');
  expect(await codeOf(debianRelease.fetch(lock, ctx))).toBe('too-large');
});

test('a truncated package is refused', async () => {
  const archive = await serveArchive([plover]);
  const ctx = await contextFor(archive);
  const lock = await debianRelease.resolve(artifact, ctx);
  archive.files.set('pool/main/plover_2.1-1_amd64.deb', Buffer.from('plov'));
  expect(await codeOf(debianRelease.fetch(lock, ctx))).toBe('digest-mismatch');
});

test('a package that the mirror dropped comes from the snapshot archive', async () => {
  const [mirror, snapshot] = [await serveArchive([]), await serveArchive([])];
  const content = Buffer.from('kept');
  const file = {
    name: 'old',
    archive: 'debian',
    path: 'pool/o/old_1+b1.deb',
    seen: snapshotTime('Sat, 11 Jul 2026 10:16:37 UTC'),
  };
  snapshot.files.set('archive/debian/20260712T101637Z/pool/o/old_1+b1.deb', content);
  const ctx = await contextFor(mirror, snapshot.url);
  const blob = await obtainPoolFile(ctx, { ...file, sha256: sha256Of(content), size: content.length });
  expect(blob.size).toBe(4);
  expect(mirror.asked).toEqual(['pool/o/old_1+b1.deb']);
});

test('a version that is not there is named with those that are', async () => {
  const ctx = await contextFor(await serveArchive([plover]));
  const wanted = { ...artifact, released: { ...artifact.released, version: '9' } };
  await expect(debianRelease.resolve(wanted, ctx)).rejects.toMatchObject({
    code: 'artifact-unavailable',
    message: expect.stringContaining('2.1-1') as string,
  });
});

const artifact = {
  path: '../plover_2.1-1_amd64.deb',
  released: { kind: 'debian', package: 'plover', version: '2.1-1', arch: 'amd64', suites: ['bookworm'] },
  allow: [],
} as const;
