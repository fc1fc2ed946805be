/**
 * A tree as one tar, the same bytes for the same tree: sorted by name, owner 0:0, times kept to the
 * second.
 */
import { createReadStream, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { tarEnd, tarHeader, tarPadding, type TarEntry } from '../format/tar.ts';
import { SamesourceError } from '../model/error.ts';

/** Modification times of directories, seconds since 1970, by path relative to the tree. */
type Directories = ReadonlyMap<string, number>;

/**
 * With `known`, directories are as they were when the tree was made, and no others.
 * @throws SamesourceError `unsupported` for a device or socket, which no tree of ours holds
 */
export async function* treeTar(tree: string, known?: Directories): AsyncGenerator<Uint8Array> {
  const links = new Map<number, string>();
  for (const path of walk(tree, '', known)) {
    const found = lstatSync(join(tree, path));
    const entry = describe(tree, path, found, known, links);
    yield tarHeader(entry);
    if (entry.type !== 'file' || entry.size === 0) continue;
    yield* content(join(tree, path), entry.size);
    yield tarPadding(entry.size);
  }
  yield tarEnd;
}

/** Directories before what is in them. One that was made later, e.g. as a mount point, is left out. */
function* walk(tree: string, dir: string, known: Directories | undefined): Generator<string> {
  const entries = readdirSync(join(tree, dir), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))) {
    const path = dir === '' ? entry.name : `${dir}/${entry.name}`;
    if (entry.isDirectory() && known !== undefined && !known.has(path)) continue;
    yield path;
    if (entry.isDirectory()) yield* walk(tree, path, known);
  }
}

function describe(
  tree: string,
  path: string,
  found: Stats,
  known: Directories | undefined,
  links: Map<number, string>,
): TarEntry {
  const owner = { uid: 0, gid: 0, uname: '', gname: '' };
  const mtime = Math.floor(found.mtimeMs / 1000);
  const plain = { ...owner, path, mode: found.mode & 0o7777, size: 0, mtime, link: '' };
  if (found.isDirectory()) return { ...plain, type: 'directory', path: `${path}/`, mtime: known?.get(path) ?? mtime };
  if (found.isSymbolicLink()) return { ...plain, type: 'symlink', mode: 0o777, link: readlinkSync(join(tree, path)) };
  if (!found.isFile()) throw new SamesourceError('unsupported', `${path}: no file, directory or link`);
  const first = links.get(found.ino);
  if (first !== undefined) return { ...plain, type: 'hardlink', link: first };
  if (found.nlink > 1) links.set(found.ino, path);
  return { ...plain, type: 'file', size: found.size };
}

async function* content(path: string, size: number): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    total += chunk.length;
    yield chunk;
  }
  if (total !== size) throw new SamesourceError('toolchain-unavailable', `${path}: changed while it was read`);
}
