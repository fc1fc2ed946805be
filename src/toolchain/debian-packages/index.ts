/**
 * A toolchain made of Debian packages, locked by SHA-256 and assembled to a root without running
 * their scripts.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DebianToolchainClaim } from '../../model/claim.ts';
import { sha256, type Sha256 } from '../../model/digest.ts';
import { recode } from '../../model/error.ts';
import type { DebianToolchainLock } from '../../model/lock.ts';
import { sha256Of } from '../../platform/digest.ts';
import { debianArch } from '../../registry/debian/archive.ts';
import { openPackages, packageLock } from '../../registry/debian/packages.ts';
import { resolvePackages } from '../../registry/debian/resolve.ts';
import type { Context } from '../../store/context.ts';
import { recordDirectories } from '../directories.ts';
import { guarded, recordContent } from '../guard.ts';
import type { Root, Toolchain } from '../types.ts';
import { assemble } from './assemble.ts';
import { mendingSteps } from './mend/index.ts';
import type { Mend } from './mend/types.ts';
import { packageTreeName } from './package-tree.ts';
import { rootDigest } from './root-digest.ts';
import { openUnpacked, placeAll, rootView, type Placed } from './root-view.ts';
import { unpackPackages } from './unpack.ts';

/** Raised when mending steps change what they make, so that no root of before is taken for one of now. */
const generation = 3;

export const debianPackages: Toolchain<DebianToolchainClaim, DebianToolchainLock> = {
  async resolve(claim, ctx) {
    const arch = debianArch(claim.platform);
    try {
      const index = await openPackages(claim.suites, arch, ctx);
      const wanted = claim.packages.filter((item) => !item.startsWith('!'));
      const unwanted = claim.packages.filter((item) => item.startsWith('!')).map((item) => item.slice(1));
      const packages = resolvePackages(index, arch, wanted, unwanted);
      return { kind: 'debian', platform: claim.platform, indexes: index.indexes, packages: packages.map(packageLock) };
    } catch (error) {
      throw recode(error, 'toolchain-unavailable', 'resolving the toolchain');
    }
  },

  async prepare(lock, ctx) {
    const name = `root-${sha256Of(JSON.stringify([generation, lock.packages.map((one) => one.sha256)]))}`;
    const packages = lock.packages.map((one) => ctx.store.treePath(packageTreeName(one.sha256)));
    const make = async (): Promise<string> => join(await makeRoot(name, lock, ctx), 'root');
    const tree = await guarded(ctx, make, packages);
    const digest = sha256((await readFile(join(tree, '../digest'), 'utf8')).trim());
    return {
      tree,
      env: {},
      identity: { kind: 'debian', platform: lock.platform, digest, summary: summary(lock) },
    } satisfies Root;
  },
};

async function makeRoot(name: string, lock: DebianToolchainLock, ctx: Context): Promise<string> {
  if (await ctx.store.hasTree(name)) return ctx.store.treePath(name);
  await unpackPackages(lock.packages, ctx);
  return ctx.store.tree(name, async (dir) => {
    const packages = lock.packages.map((one) => openUnpacked(one, ctx.store.treePath(packageTreeName(one.sha256))));
    const placed = placeAll(packages);
    const view = rootView(packages, placed);
    const mends = Object.values(mendingSteps).flatMap((step) => step(view));
    assemble(join(dir, 'root'), placed, mends);
    await recordDirectories(join(dir, 'root'));
    await recordContent(join(dir, 'root'), contentOfPackages(placed, mends));
    await writeFile(join(dir, 'digest'), `${rootDigest(lock.packages, mends)}\n`);
  });
}

/** What the packages held when they were unpacked: a root must not be made of damaged ones. */
function contentOfPackages(placed: ReadonlyMap<string, Placed>, mends: readonly Mend[]): Map<string, Sha256> {
  const content = new Map<string, Sha256>();
  for (const { entry } of placed.values()) if (entry.sha256 !== undefined) content.set(entry.path, entry.sha256);
  for (const mend of mends) content.delete(mend.path);
  return content;
}

function summary(lock: DebianToolchainLock): string {
  const suites = lock.indexes.map((index) => index.suite).join(', ');
  return `${lock.packages.length} packages of Debian ${suites}`;
}
