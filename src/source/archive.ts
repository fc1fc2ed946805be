/** Source from an archive, named by its digest: tar (plain, gzip, xz, zstd) or zip. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchiveClaim } from '../model/claim.ts';
import { recode, SamesourceError } from '../model/error.ts';
import type { ArchiveLock, GitLock, TreeDrift } from '../model/lock.ts';
import { hashFile } from '../platform/digest.ts';
import { copyRegular } from '../platform/files.ts';
import type { Context } from '../store/context.ts';
import { obtain } from '../store/download.ts';
import type { Blob } from '../store/store.ts';
import { treeDigests, type TreeDigests } from '../store/tree-hash.ts';
import { compareTrees } from './archive/drift.ts';
import { extractArchive } from './archive/extract.ts';
import { openGit } from './git.ts';
import type { FetchedSource, Source } from './types.ts';

export const archive: Source<ArchiveClaim, ArchiveLock> = {
  async resolve(claim, ctx) {
    return (await openArchive(claim, undefined, ctx)).lock;
  },

  async fetch(claim, lock, ctx) {
    const opened = await openArchive(claim, lock, ctx);
    const { url, sha256, dirHash, against, drift, epoch } = opened.lock;
    return {
      identity: {
        kind: 'archive',
        url,
        sha256,
        dirHash,
        ...(against === undefined ? {} : { against: { url: against.url, commit: against.commit, tree: against.tree } }),
        ...(drift === undefined ? {} : { drift }),
      },
      epoch,
      place: (mount, name) => place(opened.blob, claim, opened.lock, join(mount, name)),
      setup: undefined,
    } satisfies FetchedSource;
  },
};

interface Opened {
  readonly blob: Blob;
  readonly lock: ArchiveLock;
}

async function openArchive(claim: ArchiveClaim, lock: ArchiveLock | undefined, ctx: Context): Promise<Opened> {
  const blob = await fetchArchive(claim, lock, ctx);
  await using work = await ctx.store.temporary('archive');
  const { epoch } = await extractArchive(blob.path, work.path, claim.strip);
  const found = await treeDigests(work.path, claim.against?.commit.length === 64 ? 'sha256' : 'sha1');
  requireDirHash(claim, lock?.dirHash, found);
  const compared = claim.against === undefined ? {} : await compareWithGit(claim.against, lock?.against, found, ctx);
  return {
    blob,
    lock: {
      kind: 'archive',
      url: shown(claim.url),
      sha256: blob.sha256,
      size: blob.size,
      dirHash: found.dirHash,
      epoch,
      ...compared,
    },
  };
}

async function compareWithGit(
  claim: NonNullable<ArchiveClaim['against']>,
  lock: GitLock | undefined,
  found: TreeDigests,
  ctx: Context,
): Promise<{ against: GitLock; drift: TreeDrift }> {
  const repository = await openGit(claim, lock, ctx);
  return { against: repository.lock, drift: compareTrees(found.files, repository.files) };
}

/** A URL, or a path relative to the claim. */
async function fetchArchive(claim: ArchiveClaim, lock: ArchiveLock | undefined, ctx: Context): Promise<Blob> {
  const { url, sha256 } = claim;
  if (/^https?:/i.test(url)) {
    const size = lock === undefined ? {} : { size: lock.size };
    return obtain(ctx, { what: 'source archive', urls: [url], sha256, ...size }).catch((error: unknown) => {
      throw recode(error, 'source-unavailable', 'fetching the source archive');
    });
  }
  return (await ctx.store.get(sha256)) ?? copyLocal(localPath(url, ctx.base), claim, ctx);
}

function localPath(url: string, base: string): string {
  if (/^file:/i.test(url)) return fileURLToPath(url);
  if (!/^[a-z][a-z0-9+.-]*:/i.test(url)) return resolve(base, url);
  throw new SamesourceError('claim-invalid', `source archive "${url}": not an http, https or file URL, nor a path`);
}

async function copyLocal(path: string, claim: ArchiveClaim, ctx: Context): Promise<Blob> {
  await using work = await ctx.store.temporary('archive');
  const copy = join(work.path, 'file');
  await copyRegular(path, copy).catch((error: unknown) => {
    throw recode(error, 'source-unavailable', 'copying the source archive');
  });
  // Only the copy is looked at: the file itself may change meanwhile.
  const found = await hashFile(copy);
  if (found.sha256 !== claim.sha256) {
    throw new SamesourceError('digest-mismatch', `sha256 of ${path}: expected ${claim.sha256}, got ${found.sha256}`);
  }
  const urls = [claim.url];
  return await ctx.store.adopt(copy, found.sha256, { urls, fetchedAt: ctx.now().toISOString() });
}

async function place(blob: Blob, claim: ArchiveClaim, lock: ArchiveLock, dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  await extractArchive(blob.path, dir, claim.strip);
  requireDirHash(claim, lock.dirHash, await treeDigests(dir));
}

function requireDirHash(claim: ArchiveClaim, expected: string | undefined, { dirHash }: TreeDigests): void {
  if (expected === undefined || expected === dirHash) return;
  throw new SamesourceError('source-mismatch', `dirHash of ${shown(claim.url)}: expected ${expected}, got ${dirHash}`);
}

/** Without credentials. */
function shown(url: string): string {
  if (!URL.canParse(url)) return url;
  const without = new URL(url);
  without.username = '';
  without.password = '';
  return without.href;
}
