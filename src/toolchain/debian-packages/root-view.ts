/** Reads unpacked packages as the root that they make together. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseStanza } from '../../format/deb822.ts';
import type { PackageLock } from '../../model/lock.ts';
import type { InstalledPackage, RootView } from './mend/types.ts';
import type { ListedEntry, PackageList } from './package-tree.ts';

export interface UnpackedPackage extends InstalledPackage {
  readonly lock: PackageLock;
  /** Host directory with its files. */
  readonly data: string;
}

/** Where a path of the root comes from. */
export interface Placed {
  readonly entry: ListedEntry;
  readonly host: string;
}

export function openUnpacked(lock: PackageLock, tree: string): UnpackedPackage {
  const control = join(tree, 'control');
  const { entries } = JSON.parse(readFileSync(join(tree, 'list.json'), 'utf8')) as PackageList;
  return {
    lock,
    entries,
    name: lock.name,
    arch: lock.arch,
    data: join(tree, 'data'),
    control: parseStanza(readFileSync(join(control, 'control'), 'utf8')),
    controlFiles: readdirSync(control).toSorted(),
    script: (name) => (existsSync(join(control, name)) ? readFileSync(join(control, name), 'utf8') : undefined),
  };
}

/** Later packages win, as when they replace files of earlier ones. */
export function placeAll(packages: readonly UnpackedPackage[]): Map<string, Placed> {
  const placed = new Map<string, Placed>();
  for (const one of packages) {
    for (const entry of one.entries) {
      if (entry.type === 'directory' && placed.has(entry.path)) continue;
      placed.set(entry.path, { entry, host: join(one.data, entry.path) });
    }
  }
  return placed;
}

export function rootView(packages: readonly UnpackedPackage[], placed: ReadonlyMap<string, Placed>): RootView {
  const paths = [...placed.keys()].toSorted();
  return {
    packages,
    has: (path) => placed.has(path),
    below: (directory) => paths.filter((path) => path.startsWith(`${directory}/`)),
    read: (path) => {
      const found = placed.get(path);
      return found?.entry.type === 'file' || found?.entry.type === 'hardlink'
        ? readFileSync(found.host, 'utf8')
        : undefined;
    },
  };
}
