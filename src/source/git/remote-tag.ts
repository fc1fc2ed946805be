/** What a tag names at the remote, now. */
import { gitId, type GitId } from '../../model/digest.ts';
import { SamesourceError } from '../../model/error.ts';
import type { Context } from '../../store/context.ts';
import type { Git } from './git-command.ts';
import type { GitRemote } from './remote.ts';
import { failure } from './snapshot.ts';

export interface RemoteTag {
  /** The ref's own target: a tag object, or the commit itself. */
  readonly object: GitId;
  readonly commit: GitId;
}

/** git-check-ref-format(1), and no leading dash. @throws SamesourceError `claim-invalid` */
export function tagRef(tag: string): string {
  const parts = tag.split('/');
  const bad =
    // eslint-disable-next-line no-control-regex
    /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\.$|^@$|^-/.test(tag) ||
    parts.some((part) => part === '' || part.startsWith('.') || part.endsWith('.lock'));
  if (bad) throw new SamesourceError('claim-invalid', `"${tag}" is no name for a tag`);
  return `refs/tags/${tag}`;
}

/**
 * By full ref name, so a branch of the same name is never taken; `undefined` if there is no such tag.
 * @throws SamesourceError `source-unavailable` if the remote does not answer
 */
export async function askTag(git: Git, remote: GitRemote, ref: string, ctx: Context): Promise<RemoteTag | undefined> {
  await using work = await ctx.store.temporary('ls-remote');
  const args = ['ls-remote', '--quiet', '--', remote.url, ref, `${ref}^{}`];
  const end = await git.run(work.path, args, remote.protocol);
  if (end.exitCode !== 0) throw failure('git ls-remote', end.stderr, remote);
  // Its patterns match at the end of a name: refs/heads/refs/tags/v1 answers to refs/tags/v1.
  const lines = end.stdout.split('\n').map((line) => line.split('\t'));
  const target = (name: string): string | undefined => lines.find((line) => line[1] === name)?.[0];
  const object = target(ref);
  if (object === undefined) return undefined;
  return { object: gitId(object, ref), commit: gitId(target(`${ref}^{}`) ?? object, ref) };
}
