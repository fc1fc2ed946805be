import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Sha256 } from '../../../src/model/digest.ts';
import { unpackLayers } from '../../../src/toolchain/oci-image/unpack-layers.ts';
import { digest, tar, type Piece } from './fixtures.ts';

let work: string;
let tree: string;

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'layers-'));
  tree = join(work, 'tree');
  writeFileSync(join(work, 'outside'), 'untouched');
});
afterEach(() => rmSync(work, { recursive: true }));

async function apply(...layers: (readonly Piece[])[]): Promise<void> {
  const files = layers.map((pieces, index) => {
    const path = join(work, `layer-${index}`);
    writeFileSync(path, tar(pieces));
    return { path, diffId: digest(tar(pieces)) as Sha256 };
  });
  await unpackLayers(files, tree, () => {});
}

const text = (path: string): string => readFileSync(join(tree, path), 'utf8');
const mode = (path: string): number => lstatSync(join(tree, path)).mode & 0o7777;
const time = (path: string): number => lstatSync(join(tree, path)).mtimeMs / 1000;
const names = (path = ''): string[] => readdirSync(join(tree, path)).toSorted();

describe('layers', () => {
  test('a file of a higher layer replaces one of a lower', async () => {
    await apply([{ path: 'etc/pome', body: 'low' }], [{ path: './etc/pome', body: 'high' }]);
    expect(text('etc/pome')).toBe('high');
  });

  test('modes keep what the owner may, times are kept, set-uid is dropped', async () => {
    await apply([
      { path: 'bin', type: 'directory', mode: 0o700, mtime: 1_000_000_000 },
      { path: 'bin/su', mode: 0o4755, mtime: 1_100_000_000 },
      { path: 'bin/shadow', mode: 0o600 },
      { path: 'bin/none', mode: 0o000 },
      { path: 'bin/link', type: 'symlink', link: 'su', mtime: 1_200_000_000 },
    ]);
    expect([mode('bin'), mode('bin/su'), mode('bin/shadow'), mode('bin/none')]).toEqual([0o755, 0o755, 0o644, 0o444]);
    expect([time('bin'), time('bin/su'), time('bin/link')]).toEqual([1_000_000_000, 1_100_000_000, 1_200_000_000]);
  });

  test('a directory takes the place of a link, and a link that of a directory', async () => {
    await apply(
      [
        { path: 'usr/lib', type: 'directory' },
        { path: 'lib', type: 'symlink', link: 'usr/lib' },
        { path: 'lib/before', body: '1' },
        { path: 'srv/old/deep', body: '2' },
      ],
      [
        { path: 'lib', type: 'directory' },
        { path: 'lib/after', body: '3' },
        { path: 'srv', type: 'symlink', link: '/usr' },
        { path: 'srv/through', body: '4' },
      ],
    );
    expect(names('lib')).toEqual(['after']);
    expect(names('usr')).toEqual(['lib', 'through']);
    expect(names('usr/lib')).toEqual(['before']);
    expect(readlinkSync(join(tree, 'srv'))).toBe('/usr');
  });

  test('hard links share a file', async () => {
    await apply([{ path: 'a', body: 'one' }], [{ path: 'b/c', type: 'hardlink', link: 'a' }]);
    expect(statSync(join(tree, 'a')).ino).toBe(statSync(join(tree, 'b/c')).ino);
  });

  test('devices in /dev are left out', async () => {
    await apply([{ path: 'dev/null', type: 'character' }, { path: './dev/initctl', type: 'fifo' }, { path: 'kept' }]);
    expect(names()).toEqual(['kept']);
  });
});

describe('white-outs', () => {
  test('remove a file and a directory of lower layers', async () => {
    await apply(
      [{ path: 'd/gone/deep' }, { path: 'd/file' }, { path: 'd/stays' }],
      [{ path: 'd/.wh.gone' }, { path: 'd/.wh.file' }, { path: 'd/.wh.never-was' }],
    );
    expect(names('d')).toEqual(['stays']);
  });

  test.each([false, true])('an opaque directory hides lower layers only, last: %s', async (last) => {
    const opaque = { path: 'd/.wh..wh..opq' };
    const own = { path: 'd/own/file' };
    await apply([{ path: 'd/lower' }, { path: 'd/own/lower' }], last ? [own, opaque] : [opaque, own]);
    expect(names('d')).toEqual(['own']);
    expect(names('d/own')).toEqual(['file']);
  });

  test.each([false, true])('a name may be whited out and written in one layer, last: %s', async (last) => {
    const whiteout = { path: '.wh.x' };
    const own = { path: 'x/new' };
    await apply([{ path: 'x/old' }], last ? [own, whiteout] : [whiteout, own]);
    expect(names('x')).toEqual(['new']);
  });

  test('bookkeeping of AUFS is left out', async () => {
    await apply([{ path: '.wh..wh.plnk/12.34' }, { path: '.wh..wh.aufs' }, { path: 'kept' }]);
    expect(names()).toEqual(['kept']);
  });

  test.each(['.wh..', '.wh...', '.wh.', '.wh.a/b'])('%s is refused', async (path) => {
    await expect(apply([{ path: 'd/f' }], [{ path: `d/${path}` }])).rejects.toMatchObject({ code: 'archive-unsafe' });
  });

  test('one through a link that leads out stays inside', async () => {
    await apply([{ path: 'out', type: 'symlink', link: '../../..' }, { path: 'kept' }], [{ path: 'out/.wh.outside' }]);
    expect(readFileSync(join(work, 'outside'), 'utf8')).toBe('untouched');
  });
});

describe('hostile layers', () => {
  test.each<[string, readonly Piece[]]>([
    ['a parent path', [{ path: '../outside', body: 'x' }]],
    ['a parent path inside', [{ path: 'a/../../outside', body: 'x' }]],
    ['an absolute path', [{ path: '/outside', body: 'x' }]],
    ['a hard link outside', [{ path: 'in', type: 'hardlink', link: '../outside' }]],
    ['an absolute hard link', [{ path: 'in', type: 'hardlink', link: '/etc/passwd' }]],
    ['a hard link to nothing', [{ path: 'in', type: 'hardlink', link: 'nothing' }]],
    ['a hard link to itself', [{ path: 'in' }, { path: 'in', type: 'hardlink', link: 'in' }]],
    ['a device outside of /dev', [{ path: 'sda', type: 'block' }]],
    ['a device reached by a longer way', [{ path: 'x/../dev/sda', type: 'block' }]],
    ['a file below a file', [{ path: 'a' }, { path: 'a/b' }]],
    ['the root as a file', [{ path: '.', type: 'symlink', link: '/' }]],
    [
      'links in a circle',
      [{ path: 'a', type: 'symlink', link: 'b' }, { path: 'b', type: 'symlink', link: 'a' }, { path: 'a/c' }],
    ],
    ['a path of too many parts', [{ path: 'a/'.repeat(3000) }]],
    ['a name that is too long', [{ path: 'a'.repeat(300) }]],
  ])('%s is refused', async (_what, pieces) => {
    await expect(apply(pieces)).rejects.toMatchObject({ code: 'archive-unsafe' });
    expect(readFileSync(join(work, 'outside'), 'utf8')).toBe('untouched');
  });

  test.each(['..', '../..', '/', '../tree/../..'])('a file through a link to %s stays inside', async (link) => {
    await apply([
      { path: 'a/way', type: 'symlink', link },
      { path: 'a/way/outside', body: 'x' },
    ]);
    expect(readFileSync(join(work, 'outside'), 'utf8')).toBe('untouched');
    expect(
      text(
        link === '..' || link === '/' || link === '../..' ? 'outside' : (names().find((name) => name !== 'a') ?? ''),
      ),
    ).toBe('x');
  });

  test('a directory that becomes a link after it was used is not written through', async () => {
    await apply(
      [{ path: 'a/b', type: 'directory' }, { path: 'a/b/f' }],
      [{ path: 'a/b/g' }, { path: 'a/b', type: 'symlink', link: work }, { path: 'a/b/outside', body: 'x' }],
    );
    expect(readFileSync(join(work, 'outside'), 'utf8')).toBe('untouched');
  });

  test('an alias of a removed directory is not written through', async () => {
    await apply([
      { path: 'real/b', type: 'directory' },
      { path: 'alias', type: 'symlink', link: 'real' },
      { path: 'alias/b/first' },
      { path: 'real/b', type: 'symlink', link: work },
      { path: 'alias/b/outside', body: 'x' },
    ]);
    expect(readFileSync(join(work, 'outside'), 'utf8')).toBe('untouched');
  });

  test('the time of a directory that became a link does not go through it', async () => {
    const before = statSync(work).mtimeMs;
    await apply([
      { path: 'd', type: 'directory', mtime: 1 },
      { path: 'd', type: 'symlink', link: work },
    ]);
    expect(statSync(work).mtimeMs).toBeGreaterThanOrEqual(before);
  });

  test('links that double at every step end soon', async () => {
    const links = Array.from({ length: 38 }, (_, index) => [
      { path: `l${index + 1}`, type: 'symlink' as const, link: `l${index}/again${index}` },
      { path: `l${index}/again${index}`, type: 'symlink' as const, link: `/l${index}` },
    ]);
    await apply([{ path: 'l0', type: 'directory' }, ...links.flat(), { path: 'l38/file', body: 'x' }]);
    expect(text('l0/file')).toBe('x');
  });

  test('another diff_id is refused', async () => {
    const path = join(work, 'layer');
    writeFileSync(path, tar([{ path: 'a' }]));
    const layer = { path, diffId: digest(Buffer.from('other')) as Sha256 };
    await expect(unpackLayers([layer], tree, () => {})).rejects.toMatchObject({ code: 'digest-mismatch' });
  });

  test('a bomb is stopped at the limit, over all layers', async () => {
    const zeros = tar([{ path: 'zeros', body: Buffer.alloc(3_000_000) }]);
    const path = join(work, 'bomb');
    writeFileSync(path, gzipSync(zeros));
    const layer = { path, diffId: digest(zeros) as Sha256 };
    const limits = { bytes: 5_000_000, entries: 100 };
    await unpackLayers([layer], tree, () => {}, limits);
    await expect(unpackLayers([layer, layer], tree, () => {}, limits)).rejects.toMatchObject({
      code: 'archive-unsafe',
    });
  });

  test('too many entries are refused', async () => {
    const pieces = Array.from({ length: 20 }, (_, index) => ({ path: `n${index}` }));
    const path = join(work, 'many');
    writeFileSync(path, tar(pieces));
    const layer = { path, diffId: digest(tar(pieces)) as Sha256 };
    const limits = { bytes: 5_000_000, entries: 19 };
    await expect(unpackLayers([layer], tree, () => {}, limits)).rejects.toMatchObject({ code: 'archive-unsafe' });
  });
});
