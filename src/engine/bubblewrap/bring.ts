/** Fetches and unpacks the bubblewrap that samesource brings along. */
import { join } from 'node:path';
import { SamesourceError } from '../../model/error.ts';
import type { PoolFile } from '../../model/lock.ts';
import { sha256Of } from '../../platform/digest.ts';
import { debianArch, obtainPoolFile } from '../../registry/debian/archive.ts';
import { openPackages, packageLock } from '../../registry/debian/packages.ts';
import type { Context } from '../../store/context.ts';
import { openDeb } from '../../store/deb.ts';
import { hostileArchive, unpacker, type UnpackRules } from '../../store/unpack.ts';
import { loaders, packageNames, pinnedPackages } from './packages.ts';

/** Where the packages come from on the day when the pinned ones are gone: the archive's signed index. */
export type ResolveCurrent = (ctx: Context) => Promise<readonly PoolFile[]>;

export interface BroughtPrograms {
  /** Directory with `bin/` and `lib/`. */
  readonly tree: string;
  readonly loader: string;
  /** File names of the packages that it came from. */
  readonly packages: readonly string[];
}

/** @throws SamesourceError `unreachable` or `digest-mismatch` if the packages cannot be had */
export async function bringBubblewrap(
  ctx: Context,
  resolveCurrent: ResolveCurrent = currentPackages,
): Promise<BroughtPrograms> {
  const pinned = pinnedPackages(ctx.platform);
  try {
    return await unpackAll(ctx, pinned);
  } catch (error) {
    const gone = error instanceof SamesourceError && error.code === 'unreachable';
    if (!gone) throw error;
    return unpackAll(ctx, await resolveCurrent(ctx));
  }
}

async function currentPackages(ctx: Context): Promise<PoolFile[]> {
  const index = await openPackages(['bookworm'], debianArch(ctx.platform), ctx);
  return packageNames.flatMap((name) => index.named(name).slice(0, 1).map(packageLock));
}

async function unpackAll(ctx: Context, packages: readonly PoolFile[]): Promise<BroughtPrograms> {
  const name = `bubblewrap-${sha256Of(packages.map((file) => file.sha256).join('\n')).slice(0, 16)}`;
  const tree = await ctx.store.tree(name, async (dir) => {
    ctx.progress.update('fetching bubblewrap');
    for (const file of packages) {
      const deb = await openDeb((await obtainPoolFile(ctx, file)).path);
      const target = unpacker(dir, rules);
      await deb.readData((entry) => target.entry(entry));
      target.finish();
    }
  });
  return {
    tree,
    loader: join(tree, 'lib', loaders[ctx.platform]),
    packages: packages.map((file) => file.name),
  };
}

const unpackedLimit = 64 * 1024 * 1024;

/** Only what bubblewrap needs to start is kept, in `bin/` and `lib/`. */
const rules: UnpackRules = {
  ...hostileArchive,
  maxBytes: unpackedLimit,
  rename: (path) => {
    if (path === 'usr/bin/bwrap') return 'bin/bwrap';
    const library = /^(?:usr\/)?lib\/[^/]+-linux-gnu\/((?:ld-linux-|lib(?:c|cap|selinux|pcre2-8)\.so)[^/]*)$/.exec(
      path,
    );
    return library?.[1] === undefined ? undefined : `lib/${library[1]}`;
  },
};
