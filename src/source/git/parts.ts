/** A commit's tree and, if the claim wants them, those of its submodules, each at its place. */
import type { GitId } from '../../model/digest.ts';
import { SamesourceError } from '../../model/error.ts';
import { parseCommit } from '../../format/git-object.ts';
import type { Context } from '../../store/context.ts';
import type { Gitlinks, TreeFile } from '../../store/tree-hash.ts';
import type { Git } from './git-command.ts';
import { readObject, readTree } from './objects.ts';
import { submoduleRemote, type GitRemote } from './remote.ts';
import { snapshot } from './snapshot.ts';

export interface Part {
  /** Where it lies, ending in `/`; empty for the repository itself. */
  readonly prefix: string;
  readonly repository: string;
  /** Without its gitlinks. */
  readonly files: readonly TreeFile[];
}

export interface Parts {
  readonly parts: readonly Part[];
  readonly links: Gitlinks;
}

interface Place {
  readonly remote: GitRemote;
  readonly repository: string;
  readonly tree: GitId;
  readonly prefix: string;
  readonly depth: number;
}

const depthLimit = 8;
const partLimit = 500;

/** @throws SamesourceError `unsupported` for submodules that the claim does not ask for */
export async function collectParts(git: Git, root: Place, submodules: boolean, ctx: Context): Promise<Parts> {
  const parts: Part[] = [];
  const links = new Map<string, GitId>();
  for (const queue = [root]; ;) {
    const place = queue.shift();
    if (place === undefined) return { parts, links };
    if (parts.length >= partLimit) throw unsafe(place.prefix, `more than ${partLimit} submodules`);
    const entries = await readTree(git, place.repository, place.tree);
    for (const entry of entries) requireSafePath(place.prefix + entry.path);
    const files = entries.filter((entry) => entry.mode !== '160000');
    parts.push({ prefix: place.prefix, repository: place.repository, files });
    const gitlinks = entries.filter((entry) => entry.mode === '160000');
    if (gitlinks.length > 0) requireWanted(gitlinks, submodules);
    for (const link of gitlinks) {
      links.set(place.prefix + link.path, link.id);
      queue.push(await submodule(git, place, files, link, ctx));
    }
  }
}

function requireWanted(gitlinks: readonly TreeFile[], submodules: boolean): void {
  if (submodules) return;
  throw new SamesourceError(
    'unsupported',
    `submodules that the claim does not name: ${gitlinks.map((l) => l.path).join(', ')}`,
    {
      hint: 'add "submodules: true" to the source of the claim',
    },
  );
}

async function submodule(
  git: Git,
  parent: Place,
  files: readonly TreeFile[],
  link: TreeFile,
  ctx: Context,
): Promise<Place> {
  const path = parent.prefix + link.path;
  if (parent.depth >= depthLimit) throw unsafe(path, `submodules more than ${depthLimit} deep`);
  const url = await submoduleUrl(git, parent, files, link.path);
  const remote = submoduleRemote(url, parent.remote, path);
  const repository = await snapshot(git, { remote, commit: link.id }, ctx);
  const { tree } = parseCommit(await readObject(git, repository, 'commit', link.id));
  return { remote, repository, tree, prefix: `${path}/`, depth: parent.depth + 1 };
}

/** gitmodules(5), read by git from the blob, so never from a configuration of this machine. */
async function submoduleUrl(git: Git, parent: Place, files: readonly TreeFile[], path: string): Promise<string> {
  const modules = files.find((file) => file.path === '.gitmodules' && file.mode.startsWith('100'));
  if (modules === undefined) throw unsafe(path, 'a submodule without an address in .gitmodules');
  const listed = await git.run(parent.repository, ['config', '--blob', modules.id, '--no-includes', '--list', '-z']);
  if (listed.exitCode !== 0) throw unsafe('.gitmodules', listed.stderr.trim());
  const settings = listed.stdout.split('\0').map((setting) => {
    const [, name = '', key = '', value = ''] = /^submodule\.([^]*)\.([a-z]+)\n([^]*)$/.exec(setting) ?? [];
    return { name, key, value };
  });
  const names = settings.filter(({ key, value }) => key === 'path' && value === path).map(({ name }) => name);
  const urls = settings.filter(({ name, key }) => key === 'url' && name === names[0]).map(({ value }) => value);
  const [url] = urls;
  if (names.length !== 1 || urls.length !== 1 || url === undefined) {
    throw unsafe(path, `a submodule with ${urls.length} addresses in .gitmodules`);
  }
  return url;
}

/** Names that HFS+ ignores letters of, or that NTFS reads as `.git`, are refused everywhere: claims travel. */
const ignorable = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

function requireSafePath(path: string): void {
  for (const part of path.split('/')) {
    const plain = part
      .replaceAll(ignorable, '')
      .toLowerCase()
      .replace(/[. ]+$/, '');
    const hidden = plain === '.git' || plain === 'git~1' || plain.startsWith('.git:');
    if (hidden || part === '' || part === '.' || part === '..') throw unsafe(path, 'a name that git keeps for itself');
  }
}

function unsafe(path: string, why: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `tree entry "${path}": ${why}`);
}
