/**
 * Who bubblewrap runs as. Root with a user namespace is not contained: procfs grants the files of
 * kernel settings to uid 0 outside without any capability. So root first becomes nobody in particular.
 */
import { chmodSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { SamesourceError } from '../../model/error.ts';
import type { Ids } from '../ownership.ts';

const unusedId = 64000;

/** The ids to drop to, if we are root; `undefined` if we already are an ordinary user. */
export function droppedIds(): Ids | undefined {
  return process.getuid?.() === 0 ? { uid: unusedId, gid: unusedId } : undefined;
}

/**
 * Makes sure that `ids` can walk to a path. Directories of the store are opened for that; others are
 * not ours to change.
 * @throws SamesourceError `engine-unavailable` naming the directory that stops them
 */
export function requireReachable(path: string, ids: Ids, store: string): void {
  for (let dir = path; ; dir = dirname(dir)) {
    const found = statSync(dir);
    const shift = found.uid === ids.uid ? 6 : found.gid === ids.gid ? 3 : 0;
    if (((found.mode >> shift) & 1) === 0) {
      if (dir !== store && !dir.startsWith(`${store}/`)) throw unreachable(dir, path);
      chmodSync(dir, (found.mode & 0o7777) | 0o011);
    }
    if (dir === '/') return;
  }
}

function unreachable(dir: string, path: string): SamesourceError {
  return new SamesourceError(
    'engine-unavailable',
    `builds started by root run as uid ${unusedId}, which may not enter ${dir} on the way to ${path}`,
    { hint: `keep the store where others may look, e.g. --store /var/cache/samesource, or: chmod o+x ${dir}` },
  );
}
