/** The smallest root that can run something, so that a probe need not pull an image. */
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Platform } from '../model/claim.ts';
import { hashFile } from '../platform/digest.ts';
import type { Context } from '../store/context.ts';
import { bringBubblewrap } from './bubblewrap/bring.ts';

/** glibc's dynamic loader needs nothing but itself, and knows `--version` since 2.33. */
const hostLoaders: Readonly<Record<Platform, string>> = {
  'linux/amd64': '/lib64/ld-linux-x86-64.so.2',
  'linux/arm64': '/lib/ld-linux-aarch64.so.1',
};

export const probeCommand = ['/loader', '--version'] as const;

/** @throws SamesourceError if this machine has no such loader and none can be fetched */
export async function probeRoot(ctx: Context): Promise<{ readonly tree: string; readonly digest: string }> {
  const host = hostLoaders[ctx.platform];
  const loader = existsSync(host) ? host : (await bringBubblewrap(ctx)).loader;
  const { sha256 } = await hashFile(loader);
  const tree = await ctx.store.tree(`probe-${sha256.slice(0, 16)}`, async (dir) => {
    for (const name of ['proc', 'dev', 'sys', 'tmp', 'build', 'etc', 'run']) await mkdir(join(dir, name));
    await copyFile(loader, join(dir, 'loader'));
    await chmod(join(dir, 'loader'), 0o755);
  });
  return { tree, digest: sha256 };
}
