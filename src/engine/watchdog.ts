/**
 * Ends a build at its limits. Where the kernel can hold a limit for all processes together (a memory
 * cgroup) it does; this one works everywhere.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Limits } from '../model/claim.ts';
import { isErrno } from '../platform/files.ts';
import { treeUse, type TreeUse } from '../platform/process.ts';
import { hasKilled } from './cgroup.ts';

export interface Watched {
  readonly limits: Limits;
  /** The process whose descendants are the build, once it is known. */
  process(): Promise<number | undefined>;
  /** Whether that process has a memory cgroup of its own. */
  readonly ownCgroup: boolean;
  /** Host directory that the build writes to. */
  readonly mount: string;
  logBytes(): number;
  /** Kills everything inside. */
  kill(): Promise<void>;
  readonly signal: AbortSignal;
}

export type Tripped = 'time' | 'memory' | 'disk' | 'aborted';

export interface Watchdog {
  /** Ends the watch; says what it stopped the build for, if it did. */
  stop(): Promise<Tripped | undefined>;
}

const memoryEveryMs = 500;
const diskEveryMs = 2000;
/** Looking may take at most one part in this many of the time. */
const idleShare = 40;

export function watchdog(watched: Watched): Watchdog {
  const over = new AbortController();
  let tripped: Tripped | undefined;
  let killing: Promise<void> | undefined;
  const trip = (why: Tripped): void => {
    if (tripped !== undefined || over.signal.aborted) return;
    tripped = why;
    over.abort();
    killing = watched.kill();
  };
  const onAbort = (): void => trip('aborted');
  const { limits } = watched;
  const clock = setTimeout(() => trip('time'), Math.min(limits.seconds * 1000, 2 ** 31 - 1));
  watched.signal.addEventListener('abort', onAbort);
  if (watched.signal.aborted) onAbort();
  const looks = Promise.all([
    repeat(memoryEveryMs, over.signal, async () => {
      const pid = await watched.process();
      if (pid === undefined) return;
      const tooMuch = (await memoryUse(pid, limits.memoryBytes)) > limits.memoryBytes;
      if (tooMuch || (watched.ownCgroup && (await hasKilled(pid)))) trip('memory');
    }),
    repeat(diskEveryMs, over.signal, async () => {
      const used = watched.logBytes() + diskUse(watched.mount, limits.diskBytes);
      if (used > limits.diskBytes) trip('disk');
    }),
  ]);
  return {
    async stop() {
      over.abort();
      clearTimeout(clock);
      watched.signal.removeEventListener('abort', onAbort);
      await looks;
      await killing;
      return tripped;
    },
  };
}

async function repeat(everyMs: number, signal: AbortSignal, look: () => Promise<void>): Promise<void> {
  for (let pause = everyMs; ;) {
    try {
      await sleep(pause, undefined, { signal });
    } catch {
      return;
    }
    const started = performance.now();
    await look();
    pause = Math.max(everyMs, (performance.now() - started) * idleShare);
  }
}

/** Resident memory counts a shared page in each process, so a sum above the limit is looked at again. */
async function memoryUse(pid: number, limit: number): Promise<number> {
  const use = await treeUse(pid);
  return use.residentBytes > limit ? proportionalUse(use) : use.residentBytes;
}

async function proportionalUse(use: TreeUse): Promise<number> {
  let sum = 0;
  for (const pid of use.pids) {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    sum += Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
  }
  // Not every kernel lets us look: then the plain sum has to do.
  return sum === 0 ? use.residentBytes : sum;
}

/** Bytes on the disk below a directory, counted until they exceed `enough`. Names are bytes: they need not be text. */
export function diskUse(dir: string, enough: number): number {
  let used = 0;
  const queue = [Buffer.from(dir)];
  for (let next = queue.pop(); next !== undefined && used <= enough; next = queue.pop()) {
    for (const entry of unlessGone(next, (path) => readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) ??
      []) {
      const path = Buffer.concat([next, slash, entry.name]);
      if (entry.isDirectory()) queue.push(path);
      used += (unlessGone(path, (one) => lstatSync(one))?.blocks ?? 0) * 512;
    }
  }
  return used;
}

const slash = Buffer.from('/');

/**
 * Builds remove directories while we look, and may make some that we cannot read, or deeper ones than
 * a path can be long: configure scripts try that.
 */
function unlessGone<T>(path: Buffer, look: (path: Buffer) => T): T | undefined {
  try {
    return look(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'EACCES', 'ENOTDIR', 'ENAMETOOLONG')) return undefined;
    throw error;
  }
}

/** Waits until processes are gone; a zombie, which only its parent can clear away, counts as gone. */
export async function untilGone(pids: readonly number[], timeoutMs = 30_000): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (const pid of pids) {
    while (await isRunning(pid)) {
      if (performance.now() > deadline) return false;
      await sleep(5);
    }
  }
  return true;
}

async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return false;
  return !'ZX'.includes(stat.slice(stat.lastIndexOf(')') + 2).charAt(0));
}
