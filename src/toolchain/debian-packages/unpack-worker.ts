/** Worker thread: unpacks one `.deb` after another. Started by `unpack.ts`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serve } from '../../platform/worker.ts';
import { openDeb } from '../../store/deb.ts';
import { cleanPath, unpacker, type UnpackRules } from '../../store/unpack.ts';
import { isMergedTop, mergeUsr, type ListedEntry, type PackageList } from './package-tree.ts';

export interface UnpackJob {
  readonly deb: string;
  readonly into: string;
}

const rules: UnpackRules = {
  parents: 'resolve',
  replace: false,
  modeMask: 0o755,
  maxEntries: 1_000_000,
  maxBytes: 16 * 1024 ** 3,
};

serve(async ({ deb, into }: UnpackJob): Promise<true> => {
  const data = join(into, 'data');
  const control = join(into, 'control');
  await mkdir(data, { recursive: true });
  await mkdir(control);
  const opened = await openDeb(deb);
  const scripts = unpacker(control, rules);
  await opened.readControl((entry) => scripts.entry(entry));
  const entries: ListedEntry[] = [];
  const files = unpacker(data, { ...rules, rename: mergeUsr });
  await opened.readData((entry) => {
    const shipped = cleanPath(entry.path);
    if (isMergedTop(shipped) && entry.type === 'symlink') return undefined;
    const path = mergeUsr(shipped);
    if (path !== '') {
      const link = entry.type === 'hardlink' ? mergeUsr(cleanPath(entry.link)) : entry.link;
      entries.push({
        path,
        shipped: `/${shipped}`,
        type: entry.type,
        mode: entry.mode & rules.modeMask,
        mtime: entry.mtime,
        link,
      });
    }
    return files.entry(entry);
  });
  files.finish();
  await writeFile(join(into, 'list.json'), JSON.stringify({ entries } satisfies PackageList));
  return true;
});
