/** Worker thread: unpacks one `.deb` after another. Started by `unpack.ts`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TarSink } from '../../format/tar.ts';
import type { Sha256 } from '../../model/digest.ts';
import { sha256Stream } from '../../platform/digest.ts';
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
    return hashed(files.entry(entry), (digest) => withDigest(entries, digest));
  });
  files.finish();
  await writeFile(join(into, 'list.json'), JSON.stringify({ entries } satisfies PackageList));
  return true;
});

/** Passes content on, and says its digest at the end. */
function hashed(sink: TarSink | undefined, tell: (digest: Sha256) => void): TarSink | undefined {
  if (sink === undefined) return undefined;
  const hash = sha256Stream();
  return {
    write: (bytes) => {
      hash.update(bytes);
      sink.write(bytes);
    },
    end: () => {
      sink.end();
      tell(hash.digest());
    },
  };
}

/** The entry whose content just ended is the last one. */
function withDigest(entries: ListedEntry[], sha256: Sha256): void {
  const last = entries.pop();
  if (last !== undefined) entries.push({ ...last, sha256 });
}
