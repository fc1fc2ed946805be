/** `samesource.lock.json`, next to the claim: everything that the claim resolves to, by digest. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { readShape } from '../format/shape.ts';
import type { Claim } from '../model/claim.ts';
import { messageOf, SamesourceError } from '../model/error.ts';
import type { Lock } from '../model/lock.ts';
import { flush, isErrno, readText } from '../platform/files.ts';
import { claimDigest } from './digest.ts';
import { lockSchema } from './lock-schema.ts';

/** Bytes. */
const sizeLimit = 4 * 1024 * 1024;

/** `dir/samesource.yaml` to `dir/samesource.lock.json`. */
export function lockPath(claimPath: string): string {
  return `${claimPath.replace(/\.(?:ya?ml|json)$/, '')}.lock.json`;
}

/**
 * The lock of a claim.
 * @throws SamesourceError `lock-missing`, `claim-invalid` if it is malformed, or `lock-stale` if it
 *   was made for another version of the claim
 */
export async function readLock(claimPath: string, claim: Claim): Promise<Lock> {
  const path = lockPath(claimPath);
  const { value: lock } = readShape(await readLockText(path, claimPath), {
    schema: lockSchema,
    file: basename(path),
    code: 'claim-invalid',
  });
  requireFresh(lock, claim, claimPath);
  return lock;
}

async function readLockText(path: string, claimPath: string): Promise<string> {
  try {
    return await readText(path, sizeLimit);
  } catch (error) {
    if (error instanceof SamesourceError) {
      throw new SamesourceError('claim-invalid', `${basename(path)}:1:1: ${error.message}`, { cause: error });
    }
    if (!isErrno(error)) throw error;
    const why = isErrno(error, 'ENOENT') ? '' : `: ${messageOf(error)}`;
    throw new SamesourceError('lock-missing', `no lock at ${path}${why}`, {
      cause: error,
      hint: `make one: samesource lock ${claimPath}`,
    });
  }
}

function requireFresh(lock: Lock, claim: Claim, claimPath: string): void {
  const wanted = claimDigest(claim);
  if (lock.claim === wanted) return;
  throw new SamesourceError('lock-stale', `the lock is for claim ${lock.claim}, the claim is ${wanted}`, {
    hint: `the claim was changed since it was locked; look at the change, then run: samesource lock ${claimPath}`,
  });
}

/** Writes the lock whole or not at all. */
export async function writeLock(claimPath: string, lock: Lock): Promise<string> {
  const path = lockPath(claimPath);
  const unfinished = `${path}.${process.pid}`;
  try {
    await writeFile(unfinished, lockText(lock));
    await flush(unfinished);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
  return path;
}

function lockText(lock: Lock): string {
  const checked = lockSchema.safeParse(lock);
  if (checked.success) return `${JSON.stringify(checked.data, null, 2)}\n`;
  const issue = checked.error.issues[0];
  throw new SamesourceError('bug', `a lock with a wrong ${issue?.path.join('.') ?? 'form'}: ${issue?.message ?? ''}`);
}
