/**
 * Unpacked trees are caches, and a cache can be damaged. The content of a root is recorded when it is
 * made, and hashed again before each use: a build never runs in a root that is not the locked one.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { SamesourceError } from '../model/error.ts';
import type { GitId, Sha256 } from '../model/digest.ts';
import { exists, removeTree } from '../platform/files.ts';
import { treeDigests } from '../store/tree-hash.ts';
import type { Context } from '../store/context.ts';

const recordOf = (tree: string): string => `${tree}.content`;

/** Every name, content, link and exec bit; empty directories, which engines make as mount points, do not count. */
async function contentOf(tree: string): Promise<string> {
  const { dirHash, gitTree } = await treeDigests(tree);
  return line(dirHash, gitTree);
}

function line(dirHash: Sha256, gitTree: GitId): string {
  return `${dirHash} ${gitTree}\n`;
}

/**
 * Called once, when a tree is complete. A tree that holds other files than `expected`, by path, is
 * left without a record, and so counts as damaged.
 */
export async function recordContent(tree: string, expected: ReadonlyMap<string, Sha256> = new Map()): Promise<void> {
  const { dirHash, gitTree, files } = await treeDigests(tree);
  const damaged = files.some(({ path, sha256 }) => expected.has(path) && expected.get(path) !== sha256);
  if (!damaged) await writeFile(recordOf(tree), line(dirHash, gitTree));
}

/**
 * Makes a tree, or takes the one that is there if it still is what it was. A damaged one is removed,
 * with `sources` that it was made from, and made again.
 * @throws SamesourceError `bug` if it is damaged even then
 */
export async function guarded(ctx: Context, make: () => Promise<string>, sources: readonly string[]): Promise<string> {
  const tree = await make();
  if (await isIntact(tree)) return tree;
  ctx.progress.note('an unpacked toolchain was damaged in the store: making it again');
  for (const path of [parentOf(tree), ...sources]) await removeTree(path);
  const again = await make();
  if (await isIntact(again)) return again;
  throw new SamesourceError('bug', `the root at ${again} is not what was unpacked`);
}

async function isIntact(tree: string): Promise<boolean> {
  if (!(await exists(recordOf(tree)))) return false;
  return (await readFile(recordOf(tree), 'utf8')) === (await contentOf(tree));
}

/** Trees lie at `trees/NAME/root`, with their records beside them. */
function parentOf(tree: string): string {
  return tree.slice(0, tree.lastIndexOf('/'));
}
