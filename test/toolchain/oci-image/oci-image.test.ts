import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { ImageToolchainClaim } from '../../../src/model/claim.ts';
import { ociImage } from '../../../src/toolchain/oci-image/oci-image.ts';
import {
  archive,
  bench,
  digest,
  layoutFiles,
  makeImage,
  newDockerFiles,
  oldDockerFiles,
  tar,
  writeFiles,
  type Made,
} from './fixtures.ts';

const layers = [
  tar([
    { path: 'etc/quince', body: 'low' },
    { path: 'etc/medlar', body: 'gone' },
  ]),
  tar([{ path: 'etc/.wh.medlar' }, { path: 'etc/quince', body: 'high' }]),
];

function claimOf(image: string, platform: ImageToolchainClaim['platform'] = 'linux/amd64'): ImageToolchainClaim {
  return { kind: 'image', image, platform };
}

/** Writes every local form of an image into a directory; the names with their digests. */
function writeForms(dir: string, image: Made): Record<string, string> {
  writeFiles(join(dir, 'layout'), layoutFiles(image));
  writeFileSync(join(dir, 'oci.tar'), archive(layoutFiles(image)));
  writeFileSync(join(dir, 'oci.tar.gz'), gzipSync(archive(layoutFiles(image))));
  writeFileSync(join(dir, 'old.tar'), archive(oldDockerFiles(image)));
  writeFileSync(join(dir, 'new.tar'), archive(newDockerFiles(image)));
  return {
    layout: `oci:layout@sha256:${image.manifest}`,
    index: `oci:layout@sha256:${image.index}`,
    archive: `oci-archive:oci.tar@sha256:${image.manifest}`,
    compressed: `oci-archive:oci.tar.gz@sha256:${image.index}`,
    old: `docker-archive:old.tar@sha256:${image.config}`,
    new: `docker-archive:new.tar@sha256:${image.config}`,
  };
}

test.each(['layout', 'index', 'archive', 'compressed', 'old', 'new'])('%s: one root from every form', async (form) => {
  await using at = await bench();
  const image = makeImage(layers, { docker: form === 'compressed' });
  const name = writeForms(at.dir, image)[form] ?? '';
  const lock = await ociImage.resolve(claimOf(name), at.ctx);
  const root = await ociImage.prepare(lock, at.ctx);
  expect(lock).toMatchObject({ kind: 'image', platform: 'linux/amd64', image: name });
  expect(root.identity).toEqual({ kind: 'image', platform: 'linux/amd64', digest: lock.manifest, summary: name });
  expect(root.env).toEqual({ PATH: '/opt/quince/bin:/bin', QUINCE: 'ripe=yes' });
  expect(readFileSync(join(root.tree, 'etc/quince'), 'utf8')).toBe('high');
  expect(() => readFileSync(join(root.tree, 'etc/medlar'))).toThrow(/ENOENT/);
});

test.each(['layout', 'index', 'archive', 'compressed'])('%s: the manifest is locked, never the index', async (form) => {
  await using at = await bench();
  const image = makeImage(layers);
  const lock = await ociImage.resolve(claimOf(writeForms(at.dir, image)[form] ?? ''), at.ctx);
  expect(lock.manifest).toBe(image.manifest);
});

/** A zstd frame of stored blocks (RFC 8878 §3.1.1): enough to be told apart and read. */
function zstdStored(bytes: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 65_536) {
    const block = bytes.subarray(at, at + 65_536);
    const header = Buffer.alloc(3);
    header.writeUIntLE((block.length << 3) | Number(at + block.length === bytes.length), 0, 3);
    blocks.push(header, block);
  }
  return Buffer.concat([Buffer.from('28b52ffda0', 'hex'), size, ...blocks]);
}

test.each([
  ['plain', (layer: Buffer) => layer],
  ['zstd', zstdStored],
])('%s layers', async (_what, compress) => {
  await using at = await bench();
  const image = makeImage(layers, { compress });
  const { layout } = writeForms(at.dir, image);
  const root = await ociImage.prepare(await ociImage.resolve(claimOf(layout ?? ''), at.ctx), at.ctx);
  expect(readFileSync(join(root.tree, 'etc/quince'), 'utf8')).toBe('high');
});

test('both kinds of docker archive give one digest, and so does the root after the file is gone', async () => {
  await using at = await bench();
  const forms = writeForms(at.dir, makeImage(layers));
  const old = await ociImage.resolve(claimOf(forms['old'] ?? ''), at.ctx);
  expect((await ociImage.resolve(claimOf(forms['new'] ?? ''), at.ctx)).manifest).toBe(old.manifest);
  rmSync(join(at.dir, 'old.tar'));
  expect((await ociImage.prepare(old, at.ctx)).identity.digest).toBe(old.manifest);
});

test('a prepared root is not made again', async () => {
  await using at = await bench();
  const { layout } = writeForms(at.dir, makeImage(layers));
  const lock = await ociImage.resolve(claimOf(layout ?? ''), at.ctx);
  const first = await ociImage.prepare(lock, at.ctx);
  rmSync(join(at.dir, 'layout'), { recursive: true });
  expect(await ociImage.prepare(lock, at.ctx)).toEqual(first);
});

test.each([
  ['registry.example/quince:1', 'claim-invalid'],
  ['registry.example/quince', 'claim-invalid'],
  ['registry.example/quince@sha256:0123', 'claim-invalid'],
  [`registry.example/quince:1@sha256:${'a'.repeat(64)}`, 'claim-invalid'],
  [`registry.example/quince@sha512:${'a'.repeat(128)}`, 'claim-invalid'],
  [`quince@sha256:${'a'.repeat(64)}`, 'claim-invalid'],
  [`registry.example/Quince@sha256:${'a'.repeat(64)}`, 'claim-invalid'],
  [`registry.example/../quince@sha256:${'a'.repeat(64)}`, 'claim-invalid'],
  ['oci:layout', 'claim-invalid'],
  ['oci:layout:latest', 'claim-invalid'],
  [`oci:nowhere@sha256:${'a'.repeat(64)}`, 'toolchain-unavailable'],
  [`oci-archive:nowhere.tar@sha256:${'a'.repeat(64)}`, 'toolchain-unavailable'],
  [`docker-archive:nowhere.tar@sha256:${'a'.repeat(64)}`, 'toolchain-unavailable'],
])('%s: %s', async (image, code) => {
  await using at = await bench();
  await expect(ociImage.resolve(claimOf(image), at.ctx)).rejects.toMatchObject({ code });
});

test.each(['manifest', 'index'] as const)('an image for another platform, by its %s', async (by) => {
  await using at = await bench();
  const image = makeImage(layers, { architecture: 'arm64' });
  writeForms(at.dir, image);
  const name = `oci:layout@sha256:${image[by]}`;
  await expect(ociImage.resolve(claimOf(name), at.ctx)).rejects.toMatchObject({ code: 'claim-invalid' });
  expect((await ociImage.resolve(claimOf(name, 'linux/arm64'), at.ctx)).manifest).toBe(image.manifest);
});

test('a blob with other bytes than its name says', async () => {
  await using at = await bench();
  const image = makeImage(layers);
  const files = layoutFiles(image);
  const layer = digest(gzipSync(layers[0] ?? Buffer.alloc(0)));
  files.set(
    `blobs/sha256/${layer}`,
    Buffer.from(files.get(`blobs/sha256/${layer}`)?.map((byte, at) => byte ^ +(at === 20)) ?? []),
  );
  writeFiles(join(at.dir, 'layout'), files);
  const lock = await ociImage.resolve(claimOf(`oci:layout@sha256:${image.manifest}`), at.ctx);
  await expect(ociImage.prepare(lock, at.ctx)).rejects.toMatchObject({ code: 'digest-mismatch' });
  expect(await at.ctx.store.hasTree(`image-${image.manifest}`)).toBe(false);
});

test.each(['layout', 'old'])('%s: a layer that is not its diff_id', async (form) => {
  await using at = await bench();
  const image = makeImage(layers, { diffIds: layers.map(() => `sha256:${'b'.repeat(64)}`) });
  const name = writeForms(at.dir, image)[form] ?? '';
  const attempt = async (): Promise<unknown> => ociImage.prepare(await ociImage.resolve(claimOf(name), at.ctx), at.ctx);
  await expect(attempt()).rejects.toMatchObject({ code: 'digest-mismatch' });
});

test('fewer diff_ids than layers', async () => {
  await using at = await bench();
  const image = makeImage(layers, { diffIds: [`sha256:${digest(layers[0] ?? Buffer.alloc(0))}`] });
  const { layout } = writeForms(at.dir, image);
  await expect(ociImage.resolve(claimOf(layout ?? ''), at.ctx)).rejects.toMatchObject({ code: 'archive-unsafe' });
});

test('a lock that names another manifest than the claim', async () => {
  await using at = await bench();
  const image = makeImage(layers);
  const other = makeImage(layers.slice(0, 1));
  const { layout, old } = writeForms(at.dir, image);
  writeFiles(join(at.dir, 'layout'), layoutFiles(other));
  const lock = await ociImage.resolve(claimOf(layout ?? ''), at.ctx);
  const swapped = await ociImage.resolve(claimOf(`oci:layout@sha256:${other.manifest}`), at.ctx);
  for (const image of [layout ?? '', old ?? '']) {
    const forged = { ...lock, image, manifest: swapped.manifest };
    await expect(ociImage.prepare(forged, at.ctx)).rejects.toMatchObject({ code: 'digest-mismatch' });
  }
});

test('a docker archive without the image that was named', async () => {
  await using at = await bench();
  writeForms(at.dir, makeImage(layers));
  const name = `docker-archive:old.tar@sha256:${'c'.repeat(64)}`;
  await expect(ociImage.resolve(claimOf(name), at.ctx)).rejects.toMatchObject({ code: 'digest-mismatch' });
});

test('a blob that is a link out of the layout', async () => {
  await using at = await bench();
  const image = makeImage(layers);
  const files = layoutFiles(image);
  writeFiles(join(at.dir, 'layout'), files);
  const path = join(at.dir, 'layout/blobs/sha256', image.manifest);
  rmSync(path);
  writeFileSync(join(at.dir, 'elsewhere'), files.get(`blobs/sha256/${image.manifest}`) ?? '');
  symlinkSync('../../../elsewhere', path);
  const claim = claimOf(`oci:layout@sha256:${image.manifest}`);
  await expect(ociImage.resolve(claim, at.ctx)).rejects.toMatchObject({ code: 'archive-unsafe' });
});

test('an archive with a path that leaves it', async () => {
  await using at = await bench();
  writeFileSync(join(at.dir, 'evil.tar'), tar([{ path: '../evil', body: 'x' }]));
  const claim = claimOf(`oci-archive:evil.tar@sha256:${'d'.repeat(64)}`);
  await expect(ociImage.resolve(claim, at.ctx)).rejects.toMatchObject({ code: 'archive-unsafe' });
});
