/** Who may write to a build's directory. Links themselves are changed, never what they point to. */
import { chmodSync, lchownSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** Gives a directory and all in it to `ids`. Only root can. */
export function give(path: string, ids: Ids): void {
  eachBelow(path, (entry) => lchownSync(entry, ids.uid, ids.gid));
}

/**
 * Lets every user of this machine write, for a build whose uid is neither ours nor ours to give to.
 * What an earlier step of the build made is its own already, and not ours to change.
 */
export function openToAll(path: string): void {
  const found = lstatSync(path);
  if (found.isSymbolicLink() || found.uid !== process.getuid?.()) return;
  const runs = found.isDirectory() || (found.mode & 0o100) !== 0;
  chmodSync(path, found.mode | (runs ? 0o777 : 0o666));
  if (!found.isDirectory()) return;
  for (const name of readdirSync(path)) openToAll(join(path, name));
}

function eachBelow(path: string, act: (path: string) => void): void {
  act(path);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) eachBelow(below, act);
    else act(below);
  }
}
