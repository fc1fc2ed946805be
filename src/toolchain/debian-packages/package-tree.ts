/** One `.deb`, unpacked once into the store: its files, its control files and a list of both. */
import type { TarType } from '../../format/tar-header.ts';
import type { Sha256 } from '../../model/digest.ts';

/** Below `trees/`: `data/`, `control/` and `list.json`. */
export function packageTreeName(digest: Sha256): string {
  return `package-${digest}`;
}

export interface PackageList {
  readonly entries: readonly ListedEntry[];
}

export interface ListedEntry {
  /** Below `data/`, with /usr merged. */
  readonly path: string;
  /** As shipped, e.g. `/lib/x86_64-linux-gnu/libc.so.6`, for the database of dpkg. */
  readonly shipped: string;
  readonly type: TarType;
  readonly mode: number;
  readonly mtime: number;
  readonly link: string;
  /** Of a regular file's content, taken while it was unpacked. */
  readonly sha256?: Sha256;
}

const merged = new Set(['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libo32', 'libx32']);

/**
 * Merged /usr: `bin/sh` goes to `usr/bin/sh`. Old packages ship `bin` as a directory, new ones
 * as a link; the links are made by us, so that no layer can replace them.
 */
export function mergeUsr(path: string): string {
  const slash = path.indexOf('/');
  return merged.has(slash === -1 ? path : path.slice(0, slash)) ? `usr/${path}` : path;
}

export function isMergedTop(path: string): boolean {
  return merged.has(path);
}
