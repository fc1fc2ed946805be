/** What a store holds, and how it is kept small and whole. */
import type { Stats } from 'node:fs';
import { lstat, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { isSha256 } from '../model/digest.ts';
import { SamesourceError } from '../model/error.ts';
import type { Progress } from '../model/progress.ts';
import { hashFile } from '../platform/digest.ts';
import { isErrno, removeTree } from '../platform/files.ts';
import { claimStore } from './lease.ts';
import type { Store, TemporaryDirectory } from './store.ts';

export interface StoreItem {
  readonly room: 'blobs' | 'trees' | 'logs' | 'pages';
  /** A digest, or the name of a tree, log or page. */
  readonly name: string;
  readonly path: string;
  /** Bytes on the disk of what it consists of. */
  readonly size: number;
  /** Milliseconds since 1970; no finer than what the file system keeps. */
  readonly lastUsed: number;
}

/** Everything in the store, by room and name. */
export async function listStore(store: Store): Promise<StoreItem[]> {
  const items: StoreItem[] = [];
  for (const path of await blobPaths(store)) items.push(...(await item('blobs', path)));
  for (const room of ['trees', 'logs', 'pages'] as const) {
    for (const name of (await names(join(store.root, room))).toSorted()) {
      items.push(...(await item(room, join(store.root, room, name))));
    }
  }
  return items;
}

export interface Removal {
  /** Bytes that may stay; the longest unused go first. */
  readonly maxSize?: number;
  /** What was not used for this many seconds goes. */
  readonly olderThan?: number;
}

/**
 * Removes what was not used for long, and files that were set aside as damaged.
 * @returns what was removed
 * @throws SamesourceError `store-busy` while another process works with the store
 */
export async function clearStore(store: Store, removal: Removal, now: Date): Promise<StoreItem[]> {
  const claim = await claimStore(store);
  if ('others' in claim) {
    throw new SamesourceError('store-busy', `the store is used by ${claim.others} other run(s): ${store.root}`, {
      hint: 'run it again when they have ended',
    });
  }
  await using right = claim;
  const items = (await listStore(store)).toSorted((a, b) => a.lastUsed - b.lastUsed);
  const doomed = choose(items, removal, now);
  for (const [index, { path }] of doomed.entries()) await remove(path, right, index);
  return doomed;
}

/** Pure: which items go. @param items the longest unused first */
export function choose(items: readonly StoreItem[], removal: Removal, now: Date): StoreItem[] {
  const { maxSize = Infinity, olderThan = Infinity } = removal;
  const old = now.getTime() - olderThan * 1000;
  let left = items.reduce((sum, { size }) => sum + size, 0);
  return items.filter((item) => {
    const goes = item.name.endsWith(damagedSuffix) || item.lastUsed < old || left > maxSize;
    if (goes) left -= item.size;
    return goes;
  });
}

export interface StoreCheck {
  readonly checked: number;
  /** Digests of files that are not what their names say; each was set aside. */
  readonly damaged: readonly string[];
}

const damagedSuffix = '.damaged';

/** Hashes every file again. */
export async function checkStore(store: Store, progress: Progress, signal: AbortSignal): Promise<StoreCheck> {
  const damaged: string[] = [];
  const paths = (await blobPaths(store)).filter((path) => isSha256(baseName(path)));
  for (const [index, path] of paths.entries()) {
    signal.throwIfAborted();
    progress.update(`${index + 1} of ${paths.length}`);
    const found = await hashFile(path).catch(goneMeanwhile);
    if (found === undefined || found.sha256 === baseName(path)) continue;
    await rename(path, path + damagedSuffix);
    damaged.push(baseName(path));
  }
  return { checked: paths.length, damaged };
}

async function blobPaths(store: Store): Promise<string[]> {
  const root = join(store.root, 'blobs/sha256');
  const shelves = (await names(root)).toSorted();
  const found = await Promise.all(
    shelves.map(async (shelf) => (await names(join(root, shelf))).toSorted().map((name) => join(root, shelf, name))),
  );
  return found.flat();
}

/** None if another process removed it meanwhile. */
async function item(room: StoreItem['room'], path: string): Promise<StoreItem[]> {
  const found = await lstat(path).catch(goneMeanwhile);
  if (found === undefined) return [];
  // A tree carries the times of its package inside; the time of its own inode's change does not lie.
  const lastUsed = Math.max(found.atimeMs, found.ctimeMs);
  return [{ room, name: baseName(path), path, size: await sizeOf(path, found), lastUsed }];
}

async function sizeOf(path: string, stats: Stats): Promise<number> {
  if (!stats.isDirectory()) return stats.size;
  let size = stats.size;
  for (const name of await names(path)) {
    const child = await lstat(join(path, name)).catch(goneMeanwhile);
    if (child !== undefined) size += await sizeOf(join(path, name), child);
  }
  return size;
}

/** Out of its place in one step, so that nobody ever sees half of it. */
async function remove(path: string, work: TemporaryDirectory, index: number): Promise<void> {
  const aside = join(work.path, String(index));
  await rename(path, aside);
  await removeTree(aside);
}

async function names(dir: string): Promise<string[]> {
  return (await readdir(dir).catch(goneMeanwhile)) ?? [];
}

function goneMeanwhile(error: unknown): undefined {
  if (isErrno(error, 'ENOENT', 'EACCES', 'ENOTDIR')) return undefined;
  throw error;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
