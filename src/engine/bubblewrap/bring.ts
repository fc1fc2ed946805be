/** Fetches and unpacks the bubblewrap that samesource brings along. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { readAr } from '../../format/ar.ts';
import { compressionOf, decompress } from '../../format/compression.ts';
import { readTar } from '../../format/tar.ts';
import { SamesourceError } from '../../model/error.ts';
import type { PoolFile } from '../../model/lock.ts';
import { sha256Of } from '../../platform/digest.ts';
import type { Context } from '../../store/context.ts';
import { obtain } from '../../store/download.ts';
import { hostileArchive, unpacker, type UnpackRules } from '../../store/unpack.ts';
import { loaders, pinnedPackages, snapshotTime } from './packages.ts';

/**
 * Looks up the present versions of `packageNames` through the archive's signed index, for the day
 * when the pinned ones are gone from every address.
 */
export type ResolveCurrent = (ctx: Context) => Promise<readonly PoolFile[]>;

export interface BroughtPrograms {
  /** Directory with `bin/` and `lib/`. */
  readonly tree: string;
  readonly loader: string;
  /** File names of the packages that it came from. */
  readonly packages: readonly string[];
}

/** @throws SamesourceError `unreachable` or `digest-mismatch` if the packages cannot be had */
export async function bringBubblewrap(ctx: Context, resolveCurrent?: ResolveCurrent): Promise<BroughtPrograms> {
  const pinned = pinnedPackages(ctx.platform);
  try {
    return await unpackAll(ctx, pinned);
  } catch (error) {
    const gone = error instanceof SamesourceError && error.code === 'unreachable';
    if (!gone || resolveCurrent === undefined) throw error;
    return unpackAll(ctx, await resolveCurrent(ctx));
  }
}

async function unpackAll(ctx: Context, packages: readonly PoolFile[]): Promise<BroughtPrograms> {
  const name = `bubblewrap-${sha256Of(packages.map((file) => file.sha256).join('\n')).slice(0, 16)}`;
  const tree = await ctx.store.tree(name, async (dir) => {
    ctx.progress.update('fetching bubblewrap');
    for (const file of packages) await unpackDeb((await fetchPackage(ctx, file)).path, dir);
  });
  return {
    tree,
    loader: join(tree, 'lib', loaders[ctx.platform]),
    packages: packages.map((file) => file.name),
  };
}

function fetchPackage(ctx: Context, file: PoolFile) {
  const mirror = ctx.settings.mirrors[file.archive];
  return obtain(ctx, {
    what: file.name,
    urls: [
      ...(mirror === undefined ? [] : [`${mirror}/${file.path}`]),
      `${ctx.settings.snapshot}/archive/${file.archive}/${snapshotTime}/${file.path}`,
    ],
    sha256: file.sha256,
    size: file.size,
  });
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

/** deb(5): an ar archive whose last member is the files, as tar. */
async function unpackDeb(path: string, dir: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const read = async (offset: number, length: number): Promise<Buffer> => {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    };
    const members = await readAr((await file.stat()).size, read);
    const data = members.find((member) => member.name.startsWith('data.tar'));
    if (data === undefined) throw new SamesourceError('archive-unsafe', `${path}: no data.tar in the package`);
    const content = await read(data.offset, data.size);
    const target = unpacker(dir, rules);
    await readTar(decompress(compressionOf(content), once(content), { bytes: unpackedLimit }), (entry) =>
      target.entry(entry),
    );
    target.finish();
  } finally {
    await file.close();
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
