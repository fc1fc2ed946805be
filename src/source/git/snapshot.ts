/**
 * One commit of a repository, with its tree and files but no history, in a bare repository of its own
 * below the store's trees: made whole before it gets its name, and never changed after.
 */
import type { GitId } from '../../model/digest.ts';
import { SamesourceError } from '../../model/error.ts';
import { sha256Of } from '../../platform/digest.ts';
import { removeTree } from '../../platform/files.ts';
import { noNetwork } from '../../platform/http.ts';
import type { Context } from '../../store/context.ts';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from './git-command.ts';
import type { GitRemote } from './remote.ts';

export interface Wanted {
  readonly remote: GitRemote;
  readonly commit: GitId;
  /** Full ref name of the tag that leads to the commit, if there is one. */
  readonly ref?: string;
  /** What the ref named when it was asked. */
  readonly object?: GitId;
}

function nameOf({ remote, commit, ref, object }: Wanted): string {
  const address = remote.protocol === 'file' ? remote.url : remote.shown;
  return `git-${sha256Of([address, ref ?? '', object ?? '', commit].join('\n'))}`;
}

export async function hasSnapshot(wanted: Wanted, ctx: Context): Promise<boolean> {
  return ctx.store.hasTree(nameOf(wanted));
}

/**
 * The repository's path; fetched if it is not in the store.
 * @throws SamesourceError `source-unavailable` or, for objects that fail git's own check, `archive-unsafe`
 */
export async function snapshot(git: Git, wanted: Wanted, ctx: Context): Promise<string> {
  return ctx.store.tree(nameOf(wanted), async (dir) => {
    requireNetwork(wanted.remote, ctx);
    ctx.progress.step(`fetching ${wanted.ref ?? wanted.commit} from ${wanted.remote.shown}`);
    const format = wanted.commit.length === 64 ? 'sha256' : 'sha1';
    await must(git, dir, ['init', '--bare', '--quiet', '--template=', `--object-format=${format}`], wanted);
    if (wanted.ref === undefined) await fetchCommit(git, dir, wanted);
    else await must(git, dir, fetchArgs(wanted, [`+${wanted.ref}:${wanted.ref}`], true), wanted);
  });
}

/** Sets a damaged one aside, so that the next run fetches it again. */
export async function dropSnapshot(wanted: Wanted, ctx: Context): Promise<void> {
  await using work = await ctx.store.temporary('damaged');
  const aside = join(work.path, 'snapshot');
  await rename(join(ctx.store.root, 'trees', nameOf(wanted)), aside).catch(() => undefined);
  await removeTree(aside);
}

/** Asked by its id; where a server refuses that, everything is fetched. */
async function fetchCommit(git: Git, dir: string, wanted: Wanted): Promise<void> {
  const direct = await git.run(dir, fetchArgs(wanted, [wanted.commit], true), wanted.remote.protocol);
  if (direct.exitCode === 0) return;
  await must(git, dir, fetchArgs(wanted, ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'], false), wanted);
  const found = await git.run(dir, ['cat-file', '-e', wanted.commit]);
  if (found.exitCode === 0) return;
  throw new SamesourceError('source-unavailable', `${wanted.remote.shown} has no commit ${wanted.commit}`);
}

function fetchArgs(wanted: Wanted, refspecs: readonly string[], shallow: boolean): string[] {
  const options = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--refmap='];
  return ['fetch', ...options, ...(shallow ? ['--depth=1'] : []), '--', wanted.remote.url, ...refspecs];
}

async function must(git: Git, dir: string, args: readonly string[], { remote }: Wanted): Promise<void> {
  const end = await git.run(dir, args, remote.protocol);
  if (end.exitCode === 0) return;
  throw failure(`git ${args[0]}`, end.stderr, remote);
}

/** What a git that failed has said, without credentials. */
export function failure(doing: string, stderr: string, remote: GitRemote): SamesourceError {
  const said = stderr.replaceAll(remote.url, remote.shown).trim().split('\n').slice(-3).join('; ');
  if (stderr.includes('No space left on device')) {
    return new SamesourceError('disk-full', `${doing} of ${remote.shown}: no room left on the disk`, {
      hint: 'free some room, or run: samesource store gc',
    });
  }
  const malformed = /fsck error|^error: object [0-9a-f]+: /m.test(stderr);
  return new SamesourceError(
    malformed ? 'archive-unsafe' : 'source-unavailable',
    `${doing} of ${remote.shown}: ${said === '' ? 'it was killed' : said}`,
  );
}

/** git makes its own connections, which `--offline` must stop as well. */
export function isReachable(remote: GitRemote, ctx: Context): boolean {
  return remote.protocol === 'file' || ctx.http !== noNetwork;
}

function requireNetwork(remote: GitRemote, ctx: Context): void {
  if (isReachable(remote, ctx)) return;
  throw new SamesourceError('source-unavailable', `not fetched, because of --offline: ${remote.shown}`);
}
