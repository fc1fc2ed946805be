/** A released file that was shipped inside an archive. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { SamesourceError } from '../model/error.ts';
import type { ArtifactLock } from '../model/lock.ts';
import { hashFile } from '../platform/digest.ts';
import { archiveKind, readArchive } from '../store/archive.ts';
import type { Context } from '../store/context.ts';
import type { Blob } from '../store/store.ts';

/**
 * Takes one regular file out of an archive into the store.
 * @throws SamesourceError `artifact-unavailable` if there is no such member, `archive-unsafe` if there are two
 */
export async function extractMember(archive: Blob, member: string, ctx: Context): Promise<Blob> {
  const kind = await archiveKind(archive.path);
  if (kind === undefined) {
    throw new SamesourceError(
      'unsupported',
      `${archive.sha256} is no archive that can be read, so it has no member ${member}`,
    );
  }
  await using work = await ctx.store.temporary('member');
  const path = join(work.path, 'file');
  let count = 0;
  const names: string[] = [];
  await readArchive(archive.path, kind, (entry) => {
    if (names.length < 5) names.push(entry.path);
    if (entry.path !== member || entry.type !== 'file') return undefined;
    count += 1;
    if (count > 1) throw new SamesourceError('archive-unsafe', `two members named ${member}`);
    const file = openSync(path, 'wx');
    return { write: (bytes) => void writeSync(file, bytes), end: () => closeSync(file) };
  });
  if (count === 0) {
    throw new SamesourceError('artifact-unavailable', `no regular file ${member} in the archive`, {
      hint: `members are named like ${names.join(', ')}`,
    });
  }
  return await ctx.store.adopt(path, (await hashFile(path)).sha256);
}

/** @throws SamesourceError `digest-mismatch` */
export function requireMember(lock: ArtifactLock, found: Blob): void {
  if (lock.member === undefined || lock.member.sha256 === found.sha256) return;
  throw new SamesourceError(
    'digest-mismatch',
    `sha256 of ${lock.member.path}: expected ${lock.member.sha256}, got ${found.sha256}`,
  );
}
