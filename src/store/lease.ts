/**
 * Keeps a run and the clearing of the store apart. A run marks itself below `tmp/` and then waits
 * for a clearing under way; a clearing marks itself and then gives way to any run. Each looks after
 * it has marked itself, so at least one of two always sees the other.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { markIsAlive, processMark } from '../platform/process.ts';
import type { Store, TemporaryDirectory } from './store.ts';

const clearing = 'clearing';
const pollMs = 200;
/** A mark of another PID namespace is believed for as long as the store keeps its directory. */
const believedMs = 48 * 3600 * 1000;

/** Held by a run for as long as it uses files in the store. */
export async function leaseStore(store: Store, signal: AbortSignal): Promise<AsyncDisposable> {
  const lease = await store.temporary('lease');
  try {
    while ((await others(store)).includes(clearing)) await pause(pollMs, undefined, { signal });
  } catch (error) {
    await lease[Symbol.asyncDispose]();
    throw error;
  }
  return lease;
}

/** The right to remove files, or how many other runs stand in the way. */
export async function claimStore(store: Store): Promise<TemporaryDirectory | { readonly others: number }> {
  const mark = await store.temporary(clearing);
  const busy = await others(store);
  if (busy.length === 0) return mark;
  await mark[Symbol.asyncDispose]();
  return { others: busy.length };
}

/** Purposes of the work in progress of other processes. */
async function others(store: Store): Promise<string[]> {
  const own = processMark();
  const found: string[] = [];
  for (const name of await readdir(join(store.root, 'tmp'))) {
    const parts = name.split('-');
    const mark = parts.slice(0, 4).join('-');
    if (mark !== own && (await isLive(mark, join(store.root, 'tmp', name)))) found.push(parts[4] ?? '');
  }
  return found;
}

async function isLive(mark: string, path: string): Promise<boolean> {
  const state = markIsAlive(mark);
  if (state !== 'unknown') return state === 'alive';
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && found.mtimeMs > Date.now() - believedMs;
}
