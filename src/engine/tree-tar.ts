/** A root's tree as a tar stream: the same bytes for the same tree, owned by root. */
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { tarEnd, tarHeader, tarPadding, type TarEntry } from '../format/tar.ts';

export async function* treeTar(tree: string): AsyncGenerator<Uint8Array> {
  yield* directory(tree, '', new Map());
  yield tarEnd;
}

/** `links` remembers the first path of each file that has several. */
async function* directory(tree: string, dir: string, links: Map<number, string>): AsyncGenerator<Uint8Array> {
  const names = (await readdir(join(tree, dir))).toSorted(byBytes);
  for (const name of names) {
    const path = dir === '' ? name : `${dir}/${name}`;
    const found = await lstat(join(tree, path));
    const entry = {
      ...plain,
      path,
      mode: found.mode & 0o7777,
      mtime: Math.floor(found.mtimeMs / 1000),
    };
    if (found.isDirectory()) {
      yield tarHeader({ ...entry, path: `${path}/`, type: 'directory' });
      yield* directory(tree, path, links);
    } else if (found.isSymbolicLink()) {
      yield tarHeader({ ...entry, type: 'symlink', mode: 0o777, link: await readlink(join(tree, path)) });
    } else if (found.isFile()) {
      const first = found.nlink > 1 ? links.get(found.ino) : undefined;
      if (first === undefined) yield* file(tree, { ...entry, type: 'file', size: found.size });
      else yield tarHeader({ ...entry, type: 'hardlink', link: first });
      links.set(found.ino, first ?? path);
    }
  }
}

async function* file(tree: string, entry: TarEntry): AsyncGenerator<Uint8Array> {
  yield tarHeader(entry);
  if (entry.size === 0) return;
  yield* createReadStream(join(tree, entry.path), { end: entry.size - 1 }) as AsyncIterable<Uint8Array>;
  yield tarPadding(entry.size);
}

const plain = { uid: 0, gid: 0, uname: '', gname: '', size: 0, link: '' } as const;

function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
