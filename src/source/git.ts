/** Source from a git repository: a tag or commit, its tree checked object by object. */
import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { parseCommit, parseTag } from '../format/git-object.ts';
import type { GitClaim } from '../model/claim.ts';
import type { GitId } from '../model/digest.ts';
import { SamesourceError } from '../model/error.ts';
import type { GitLock, SignatureCheck } from '../model/lock.ts';
import type { Context } from '../store/context.ts';
import { treeDigests, type HashedFile } from '../store/tree-hash.ts';
import { hashParts, writeParts, type Content } from './git/checkout.ts';
import { findGit, type Git } from './git/git-command.ts';
import { readObject } from './git/objects.ts';
import { collectParts, type Parts } from './git/parts.ts';
import { gitRemote, type GitRemote } from './git/remote.ts';
import { askTag, tagRef } from './git/remote-tag.ts';
import { checkSignature } from './git/signature.ts';
import { dropSnapshot, hasSnapshot, isReachable, snapshot, type Wanted } from './git/snapshot.ts';
import type { FetchedSource, Source } from './types.ts';

export const git: Source<GitClaim, GitLock> = {
  async resolve(claim, ctx) {
    return (await openGit(claim, undefined, ctx)).lock;
  },

  async fetch(claim, lock, ctx) {
    const opened = await openGit(claim, lock, ctx);
    const { url, ref, tagObject, commit, tree, dirHash, signature } = opened.lock;
    return {
      identity: {
        kind: 'git',
        url,
        commit,
        tree,
        dirHash,
        signature,
        ...(ref === undefined ? {} : { ref }),
        ...(tagObject === undefined ? {} : { tagObject }),
      },
      epoch: opened.lock.epoch,
      place: (mount, name) => opened.write(join(mount, name)),
      setup: undefined,
    } satisfies FetchedSource;
  },
};

export interface OpenedGit {
  readonly lock: GitLock;
  readonly files: readonly HashedFile[];
  /** Writes the tree into a directory that does not exist yet, and reads it back. */
  write(dir: string): Promise<void>;
}

/**
 * Everything about a claim's commit, checked. With a lock, nothing may differ from it.
 * @throws SamesourceError `ref-moved`, `source-mismatch`, `signature-invalid` or `source-unavailable`
 */
export async function openGit(claim: GitClaim, lock: GitLock | undefined, ctx: Context): Promise<OpenedGit> {
  if (claim.lfs === true) {
    throw new SamesourceError('unsupported', 'contents kept by git-lfs cannot be fetched yet', {
      hint: 'leave out "lfs: true" to build with the pointer files, or name the source as an archive',
    });
  }
  const remote = gitRemote(claim.url, ctx.base);
  const host = await findGit(ctx);
  const wanted = await resolveTag(host, claim, lock, remote, ctx);
  const cached = await hasSnapshot(wanted, ctx);
  const read = async (): Promise<OpenedGit> =>
    readSnapshot(host, claim, lock, { ...wanted, repository: await snapshot(host, wanted, ctx) }, ctx);
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SamesourceError) || error.code !== 'source-mismatch') throw error;
    await dropSnapshot(wanted, ctx);
    // What was in the store may have been damaged there: what the remote gives now decides.
    if (!cached || !isReachable(remote, ctx)) throw error;
    return read();
  }
}

/** Asks the remote what the tag names; with a lock and no network, takes the lock's word for it. */
async function resolveTag(
  host: Git,
  claim: GitClaim,
  lock: GitLock | undefined,
  remote: GitRemote,
  ctx: Context,
): Promise<Wanted> {
  if (claim.tag === undefined) return { remote, commit: claim.commit };
  const ref = tagRef(claim.tag);
  const locked = lock === undefined ? undefined : (lock.tagObject ?? lock.commit);
  const wanted = { remote, commit: claim.commit, ref };
  if (locked !== undefined && !isReachable(remote, ctx)) {
    ctx.progress.note(`${ref} was not asked about at ${remote.shown}, because of --offline`);
    return { ...wanted, object: locked };
  }
  const now = await askTag(host, remote, ref, ctx).catch(async (error: unknown) => {
    ctx.signal.throwIfAborted();
    if (locked === undefined || !(await hasSnapshot({ ...wanted, object: locked }, ctx))) throw error;
    ctx.progress.note(`${ref} could not be asked about at ${remote.shown}: used as it was locked`);
    return { object: locked, commit: claim.commit };
  });
  if (now === undefined) throw noSuchTag(ref, remote, lock);
  requireUnmoved(ref, claim.commit, now.commit);
  if (locked !== undefined) requireUnmoved(ref, locked, now.object);
  return { ...wanted, object: now.object };
}

function noSuchTag(ref: string, remote: GitRemote, lock: GitLock | undefined): SamesourceError {
  if (lock === undefined) return new SamesourceError('source-unavailable', `${remote.shown} has no ${ref}`);
  return new SamesourceError('ref-moved', `${remote.shown} no longer has ${ref}, which named ${lock.commit}`);
}

function requireUnmoved(ref: string, expected: GitId, got: GitId): void {
  if (got === expected) return;
  throw new SamesourceError('ref-moved', `${ref}: expected ${expected}, got ${got}`, {
    hint: 'the tag was moved after it was reviewed: ask its owner why, and review the new commit before you name it',
  });
}

async function readSnapshot(
  host: Git,
  claim: GitClaim,
  lock: GitLock | undefined,
  at: Wanted & { readonly repository: string },
  ctx: Context,
): Promise<OpenedGit> {
  const tag = await readTag(host, at);
  const body = await readObject(host, at.repository, 'commit', claim.commit);
  const commit = parseCommit(body);
  requireSame('tree', claim.tree ?? lock?.tree, commit.tree);
  const signature = await checkSignature(
    [
      ...(tag === undefined ? [] : [{ what: `tag ${tag.name}`, signature: tag.signature, epoch: tag.epoch ?? 0 }]),
      { what: `commit ${claim.commit}`, signature: commit.signature, epoch: commit.epoch },
    ],
    claim.signers,
    ctx,
  );
  const root = { remote: at.remote, repository: at.repository, tree: commit.tree, prefix: '', depth: 0 };
  const parts = await collectParts(host, root, claim.submodules ?? false, ctx);
  const content = await hashParts(host, parts.parts);
  requireSame('dirHash', lock?.dirHash, content.dirHash);
  noteLfs(content, ctx);
  const found = makeLock(at, commit, tag !== undefined, content, signature);
  return { lock: found, files: content.files, write: (dir) => write(host, parts, found, dir) };
}

/** The annotated tag object, if the ref names one. */
async function readTag(
  host: Git,
  at: Wanted & { readonly repository: string },
): Promise<ReturnType<typeof parseTag> | undefined> {
  if (at.object === undefined || at.ref === undefined || at.object === at.commit) return undefined;
  const tag = parseTag(await readObject(host, at.repository, 'tag', at.object));
  if (tag.type !== 'commit') throw new SamesourceError('unsupported', `${at.ref}: a tag of a ${tag.type}`);
  requireUnmoved(at.ref, at.commit, tag.object);
  // A signed tag can be stored under the name of another release.
  requireSame(`name inside ${at.ref}`, at.ref, `refs/tags/${tag.name}`);
  return tag;
}

function makeLock(
  at: Wanted,
  commit: ReturnType<typeof parseCommit>,
  annotated: boolean,
  content: Content,
  signature: SignatureCheck,
): GitLock {
  return {
    kind: 'git',
    url: at.remote.shown,
    ...(at.ref === undefined ? {} : { ref: at.ref }),
    ...(annotated && at.object !== undefined ? { tagObject: at.object } : {}),
    commit: at.commit,
    tree: commit.tree,
    dirHash: content.dirHash,
    epoch: commit.epoch,
    signature,
  };
}

async function write(host: Git, { parts, links }: Parts, lock: GitLock, dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeParts(host, parts, dir, lock.epoch);
  const written = await treeDigests(dir, lock.tree.length === 64 ? 'sha256' : 'sha1', links);
  requireSame(`tree written to ${dir}`, lock.tree, written.gitTree);
  requireSame(`dirHash of ${dir}`, lock.dirHash, written.dirHash);
}

function requireSame(what: string, expected: string | undefined, got: string): void {
  if (expected === undefined || expected === got) return;
  throw new SamesourceError('source-mismatch', `${what}: expected ${expected}, got ${got}`);
}

function noteLfs({ lfsPointers }: Content, ctx: Context): void {
  if (lfsPointers.length === 0) return;
  const [first = ''] = lfsPointers;
  ctx.progress.note(`${lfsPointers.length} files are git-lfs pointers and were left as such, e.g. ${first}`);
}
