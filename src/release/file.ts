/** A file on this machine, named relative to the claim. */
import { join, resolve } from 'node:path';
import type { FileRelease } from '../model/claim.ts';
import { recode, SamesourceError } from '../model/error.ts';
import { hashFile } from '../platform/digest.ts';
import { copyRegular, exists } from '../platform/files.ts';
import type { Context } from '../store/context.ts';
import type { Blob } from '../store/store.ts';
import type { Release } from './types.ts';

export const fileRelease: Release<FileRelease> = {
  async resolve(artifact, ctx) {
    const { blob } = await takeIn(artifact.released.path, ctx);
    if (artifact.sha256 !== undefined && artifact.sha256 !== blob.sha256) {
      throw mismatch(artifact.released.path, artifact.sha256, blob.sha256);
    }
    return { path: artifact.path, released: artifact.released, urls: [], sha256: blob.sha256, size: blob.size };
  },

  async fetch(lock, ctx) {
    const path = lock.released.kind === 'file' ? lock.released.path : lock.path;
    const { blob, host } = await takeIn(path, ctx);
    if (blob.sha256 !== lock.sha256) throw mismatch(path, lock.sha256, blob.sha256);
    return { blob, from: { urls: [`file://${host}`], fetchedAt: ctx.now().toISOString() } };
  },
};

/** Copies the file into the store first and hashes the copy: what is compared is what was hashed. */
async function takeIn(path: string, ctx: Context): Promise<{ readonly blob: Blob; readonly host: string }> {
  const host = resolve(ctx.base, path);
  if (!(await exists(host))) {
    throw new SamesourceError('artifact-unavailable', `no released file at ${host}`, {
      hint: 'paths are read relative to the claim',
    });
  }
  await using work = await ctx.store.temporary('release');
  const copy = join(work.path, 'file');
  await copyRegular(host, copy).catch((error: unknown) => {
    throw recode(error, 'artifact-unavailable', 'copying the released file');
  });
  const { sha256 } = await hashFile(copy);
  return { blob: await ctx.store.adopt(copy, sha256), host };
}

function mismatch(path: string, expected: string, got: string): SamesourceError {
  return new SamesourceError('digest-mismatch', `sha256 of ${path}: expected ${expected}, got ${got}`);
}
