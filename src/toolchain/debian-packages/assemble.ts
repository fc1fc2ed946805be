/** Builds the tree of a root from unpacked packages and mends. Files are hard links into the store. */
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { SamesourceError } from '../../model/error.ts';
import type { Mend } from './mend/types.ts';
import type { Placed } from './root-view.ts';

export function assemble(into: string, placed: ReadonlyMap<string, Placed>, mends: readonly Mend[]): void {
  const directoryTimes: [string, number][] = [];
  const sorted = [...placed.values()].toSorted((a, b) => (a.entry.path < b.entry.path ? -1 : 1));
  for (const { entry, host } of sorted) {
    const target = join(into, entry.path);
    switch (entry.type) {
      case 'directory':
        fs.mkdirSync(target, { recursive: true });
        fs.chmodSync(target, entry.mode | 0o700);
        directoryTimes.push([target, entry.mtime]);
        break;
      case 'symlink':
        fs.mkdirSync(dirname(target), { recursive: true });
        fs.symlinkSync(entry.link, target);
        fs.lutimesSync(target, entry.mtime, entry.mtime);
        break;
      case 'file':
      case 'hardlink':
        fs.mkdirSync(dirname(target), { recursive: true });
        fs.linkSync(host, target);
        break;
      case 'character':
      case 'block':
      case 'fifo':
        throw new SamesourceError('archive-unsafe', `a package ships the device ${entry.path}`);
    }
  }
  for (const mend of mends) apply(into, mend);
  for (const [path, mtime] of directoryTimes.toReversed()) fs.utimesSync(path, mtime, mtime);
}

/** Mends carry the time 0: no clock may reach a root. */
function apply(into: string, mend: Mend): void {
  const target = join(into, mend.path);
  if (mend.kind === 'directory') {
    fs.mkdirSync(target, { recursive: true });
    fs.chmodSync(target, mend.mode);
    fs.utimesSync(target, 0, 0);
    return;
  }
  fs.mkdirSync(dirname(target), { recursive: true });
  fs.rmSync(target, { force: true });
  if (mend.kind === 'link') {
    fs.symlinkSync(mend.target, target);
    fs.lutimesSync(target, 0, 0);
    return;
  }
  fs.writeFileSync(target, mend.content, { flag: 'wx' });
  fs.chmodSync(target, mend.mode);
  fs.utimesSync(target, 0, 0);
}
