import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ImageToolchainClaim } from '../../src/model/claim.ts';
import type { Context } from '../../src/store/context.ts';
import { exportRoot } from '../../src/toolchain/export.ts';
import { ociImage } from '../../src/toolchain/oci-image/oci-image.ts';
import type { Root } from '../../src/toolchain/types.ts';
import { bench, digest, layoutFiles, makeImage, tar, writeFiles, type Bench } from './oci-image/fixtures.ts';

const long = `${'deep/'.repeat(30)}${'n'.repeat(120)}`;
const layer = tar([
  { path: 'bin', type: 'directory', mtime: 1_000_000_000 },
  { path: 'bin/tool', body: '#!/bin/sh\n', mode: 0o755 },
  { path: 'bin/alias', type: 'hardlink', link: 'bin/tool' },
  { path: 'bin/short', type: 'symlink', link: '../bin/tool', mtime: 1_100_000_000 },
  { path: 'var/empty', type: 'directory', mtime: 1_200_000_000 },
  { path: long, body: 'long' },
  { path: 'etc/größe', body: 'ü' },
  { path: 'etc/Upper' },
  { path: 'etc/none' },
]);

async function rootIn(at: Bench): Promise<Root> {
  const image = makeImage([layer]);
  writeFiles(join(at.dir, 'layout'), layoutFiles(image));
  return open(`oci:layout@sha256:${image.manifest}`, at.ctx);
}

async function open(image: string, ctx: Context): Promise<Root> {
  const claim: ImageToolchainClaim = { kind: 'image', image, platform: 'linux/amd64' };
  return ociImage.prepare(await ociImage.resolve(claim, ctx), ctx);
}

/** Everything that a build could see of a tree. */
function look(tree: string): Record<string, unknown> {
  const names = readdirSync(tree, { recursive: true, encoding: 'utf8' }).toSorted();
  return Object.fromEntries(
    names.map((name) => {
      const { mode, mtimeMs, nlink } = lstatSync(join(tree, name));
      const isFile = lstatSync(join(tree, name)).isFile();
      return [name, { mode, mtimeMs, nlink, body: isFile ? digest(readFileSync(join(tree, name))) : '' }];
    }),
  );
}

test('an exported layout and archive are read again as the same root', async () => {
  await using at = await bench();
  const root = await rootIn(at);
  for (const [form, kind] of [
    ['layout', 'oci'],
    ['archive', 'oci-archive'],
  ] as const) {
    const path = join(at.dir, `exported-${form}`);
    const { manifest } = await exportRoot(root, { path, form }, at.ctx);
    const again = await open(`${kind}:${path}@sha256:${manifest}`, at.ctx);
    expect(look(again.tree)).toEqual(look(root.tree));
    expect(again.env).toEqual(root.env);
  }
});

test('the archive is a docker archive too', async () => {
  await using at = await bench();
  const root = await rootIn(at);
  const { config } = await exportRoot(root, { path: join(at.dir, 'exported'), form: 'archive' }, at.ctx);
  const again = await open(`docker-archive:exported@sha256:${config}`, at.ctx);
  expect(look(again.tree)).toEqual(look(root.tree));
});

test('the same tree gives the same bytes, whatever an engine made in it meanwhile', async () => {
  await using at = await bench();
  const root = await rootIn(at);
  const files: Buffer[] = [];
  for (const name of ['first', 'second']) {
    const path = join(at.dir, name);
    await exportRoot(root, { path, form: 'archive' }, at.ctx);
    files.push(readFileSync(path));
    mkdirSync(join(root.tree, 'build/of/quince'), { recursive: true });
    mkdirSync(join(root.tree, 'var/empty/mount'), { recursive: true });
    utimesSync(join(root.tree, 'bin'), 1, 1);
  }
  expect(statSync(join(root.tree, 'build/of/quince')).isDirectory()).toBe(true);
  expect(digest(files[1] ?? Buffer.alloc(0))).toBe(digest(files[0] ?? Buffer.alloc(1)));
});

test('another file gives other bytes', async () => {
  await using at = await bench();
  const root = await rootIn(at);
  const before = await exportRoot(root, { path: join(at.dir, 'before'), form: 'layout' }, at.ctx);
  writeFileSync(join(root.tree, 'bin/tool'), '#!/bin/sh!');
  const after = await exportRoot(root, { path: join(at.dir, 'after'), form: 'layout' }, at.ctx);
  expect(after.manifest).not.toBe(before.manifest);
});

test('nothing is overwritten, and nothing unfinished is left', async () => {
  await using at = await bench();
  const root = await rootIn(at);
  const path = join(at.dir, 'out/taken');
  mkdirSync(path, { recursive: true });
  await expect(exportRoot(root, { path, form: 'layout' }, at.ctx)).rejects.toMatchObject({ code: 'usage' });
  await exportRoot(root, { path: join(at.dir, 'out/free'), form: 'layout' }, at.ctx);
  expect(readdirSync(join(at.dir, 'out')).toSorted()).toEqual(['free', 'taken']);
});
