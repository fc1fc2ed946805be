/** Brings every locked package into the store, unpacked. */
import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { recode } from '../../model/error.ts';
import type { PackageLock } from '../../model/lock.ts';
import { mapOnThreads } from '../../platform/worker.ts';
import { obtainPoolFile } from '../../registry/debian/archive.ts';
import type { Context } from '../../store/context.ts';
import { packageTreeName } from './package-tree.ts';
import type { UnpackJob } from './unpack-worker.ts';

const parallelDownloads = 4;

/** @throws SamesourceError `toolchain-unavailable` if a package is gone from every address */
export async function unpackPackages(packages: readonly PackageLock[], ctx: Context): Promise<void> {
  const missing: PackageLock[] = [];
  for (const one of packages) {
    if (!(await ctx.store.hasTree(packageTreeName(one.sha256)))) missing.push(one);
  }
  if (missing.length === 0) return;
  await downloadAll(missing, ctx);
  await using work = await ctx.store.temporary('unpack');
  const jobs: UnpackJob[] = missing.map((one) => ({
    deb: ctx.store.blobPath(one.sha256),
    into: join(work.path, one.sha256),
  }));
  for (const job of jobs) await mkdir(job.into);
  let done = 0;
  const digests = new Map(missing.map((one, index) => [jobs[index], one.sha256]));
  await mapOnThreads<UnpackJob, true>(worker, largestFirst(jobs, missing), async (_, job) => {
    done += 1;
    ctx.progress.update(`unpacking ${done} of ${jobs.length} packages`);
    const digest = digests.get(job);
    if (digest !== undefined) await ctx.store.adoptTree(job.into, packageTreeName(digest));
  });
}

const worker = 'toolchain/debian-packages/unpack-worker.js';

/** So that no thread is left with the one large package at the end. */
function largestFirst(jobs: readonly UnpackJob[], packages: readonly PackageLock[]): UnpackJob[] {
  const size = new Map(jobs.map((job, index) => [job, packages[index]?.size ?? 0]));
  return jobs.toSorted((a, b) => (size.get(b) ?? 0) - (size.get(a) ?? 0));
}

async function downloadAll(packages: readonly PackageLock[], ctx: Context): Promise<void> {
  const queue = [...packages];
  let done = 0;
  const drain = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { name, version } = next;
      await obtainPoolFile(ctx, next).catch((error: unknown) => {
        queue.length = 0;
        throw recode(error, 'toolchain-unavailable', `fetching ${name} ${version}`);
      });
      done += 1;
      ctx.progress.update(`${done} of ${packages.length} packages`);
    }
  };
  await Promise.all(Array.from({ length: parallelDownloads }, drain));
}
