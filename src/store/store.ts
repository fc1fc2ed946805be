/**
 * The content-addressed store. Every file from outside lives here by its SHA-256: written to a
 * private temporary file while it is hashed, renamed into place when it is whole, and hashed again
 * when it is read. So a second run downloads nothing, an interrupted one loses nothing, and several
 * processes share it without a daemon.
 *
 *     blobs/sha256/ab/abcd…   files
 *     origins/abcd….json      where and when a file was first obtained
 *     trees/NAME/             unpacked packages and roots, made whole before they get their name
 *     logs/                   build logs
 *     pages/                  last answers of mutable addresses, for conditional requests
 *     tmp/MARK-…/             work in progress of one process
 */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sha256 } from '../model/digest.ts';
import type { Origin } from '../model/verdict.ts';
import { hashFile, sha256Of } from '../platform/digest.ts';
import { exists, isErrno, removeTree } from '../platform/files.ts';
import { markIsAlive, processMark } from '../platform/process.ts';

export interface Blob {
  readonly sha256: Sha256;
  /** Bytes. */
  readonly size: number;
  readonly path: string;
}

export interface Store {
  readonly root: string;
  /**
   * A file by digest, hashed again now; `undefined` if it is not here. One that was damaged on the
   * disk is set aside and counts as not here.
   */
  get(sha256: Sha256): Promise<Blob | undefined>;
  /** Whether a file is here, without reading it. */
  has(sha256: Sha256): Promise<boolean>;
  blobPath(sha256: Sha256): string;
  /** Moves a finished temporary file to its place. */
  adopt(temporary: string, sha256: Sha256, origin?: Origin): Promise<Blob>;
  origin(sha256: Sha256): Promise<Origin | undefined>;
  /** A directory below `trees/`, made by `make` in a temporary place if it is not there yet. */
  tree(name: string, make: (dir: string) => Promise<void>): Promise<string>;
  hasTree(name: string): Promise<boolean>;
  treePath(name: string): string;
  /** Gives a finished temporary directory its name below `trees/`. */
  adoptTree(from: string, name: string): Promise<string>;
  /** A directory of this process, removed when it is disposed of. */
  temporary(purpose: string): Promise<TemporaryDirectory>;
  /** A stable path below the store for logs and remembered answers. */
  path(room: 'logs' | 'pages', name: string): string;
}

export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
}

const rooms = ['blobs/sha256', 'origins', 'trees', 'logs', 'pages', 'tmp'] as const;

/** Opens the store, making it if needed, and clears away what dead processes left in it. */
export async function openStore(root: string): Promise<Store> {
  for (const room of rooms) await mkdir(join(root, room), { recursive: true, mode: 0o755 });
  await sweep(join(root, 'tmp'));
  const blobPath = (digest: Sha256): string => join(root, 'blobs/sha256', digest.slice(0, 2), digest);
  const treePath = (name: string): string => join(root, 'trees', name);
  const temporary = (purpose: string): Promise<TemporaryDirectory> => makeTemporary(root, purpose);

  return {
    root,
    blobPath,
    temporary,
    has: (digest) => exists(blobPath(digest)),
    get: (digest) => readBlob(blobPath(digest), digest),
    path: (room, name) => join(root, room, name),
    origin: (digest) => readOrigin(join(root, 'origins', `${digest}.json`)),
    hasTree: (name) => exists(treePath(name)),
    treePath,

    async adoptTree(from, name) {
      await renameOnce(from, treePath(name));
      return treePath(name);
    },

    async adopt(from, digest, origin) {
      const path = blobPath(digest);
      await mkdir(join(path, '..'), { recursive: true, mode: 0o755 });
      // In this order: a file without its origin would never get one.
      if (origin !== undefined) await keepOrigin(root, digest, origin);
      await rename(from, path);
      return { sha256: digest, size: (await stat(path)).size, path };
    },

    async tree(name, make) {
      const path = treePath(name);
      if (await exists(path)) return path;
      await using work = await temporary('tree');
      const unfinished = join(work.path, 'tree');
      await mkdir(unfinished, { mode: 0o755 });
      await make(unfinished);
      await renameOnce(unfinished, path);
      return path;
    },
  };
}

async function readBlob(path: string, digest: Sha256): Promise<Blob | undefined> {
  if (!(await exists(path))) return undefined;
  const found = await hashFile(path);
  if (found.sha256 === digest) return { sha256: digest, size: found.size, path };
  await rename(path, `${path}.damaged`);
  return undefined;
}

async function keepOrigin(root: string, digest: Sha256, origin: Origin): Promise<void> {
  const path = join(root, 'origins', `${digest}.json`);
  if (await exists(path)) return;
  const unfinished = `${path}.${process.pid}`;
  try {
    await writeFile(unfinished, JSON.stringify(origin));
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function readOrigin(path: string): Promise<Origin | undefined> {
  if (!(await exists(path))) return undefined;
  return JSON.parse(await readFile(path, 'utf8')) as Origin;
}

/** Another process may have made the same tree meanwhile: then ours is dropped. */
async function renameOnce(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!isErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}

async function makeTemporary(root: string, purpose: string): Promise<TemporaryDirectory> {
  const mark = processMark() ?? `unmarked--${process.pid}-`;
  const path = await mkdtemp(join(root, 'tmp', `${mark}-${purpose}-`));
  return { path, [Symbol.asyncDispose]: () => removeTree(path) };
}

const abandonedAfterMs = 48 * 3600 * 1000;

async function sweep(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    const state = markIsAlive(name.split('-').slice(0, 4).join('-'));
    if (state === 'alive') continue;
    const path = join(dir, name);
    if (state === 'unknown' && !(await isOlderThan(path, abandonedAfterMs))) continue;
    await removeTree(path).catch(() => undefined);
  }
}

async function isOlderThan(path: string, ms: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && found.mtimeMs < Date.now() - ms;
}

/** File name for the remembered answer of an address. */
export function pageName(url: string): string {
  return sha256Of(url);
}
