/** Digests of the files that differ, for files that list digests. */
import { hexDigest } from '../platform/digest.ts';
import type { View } from '../platform/view.ts';
import type { Node, Pair } from './types.ts';

export type DigestLists = Pair['digests'];

/** What lists digests lies beside what it lists; larger files are listed by no one we know. */
const largest = 64 * 1024 * 1024;
const algorithms = ['md5', 'sha1', 'sha256', 'sha512'] as const;

/** Hashed when they are asked for, once. */
export function digestLists(root: Node): DigestLists {
  const listed: { released?: Map<string, string>; rebuilt?: Map<string, string> } = {};
  return {
    get released() {
      return (listed.released ??= hashAll(root, 'released'));
    },
    get rebuilt() {
      return (listed.rebuilt ??= hashAll(root, 'rebuilt'));
    },
  };
}

function hashAll(root: Node, side: 'released' | 'rebuilt'): Map<string, string> {
  const lists = new Map<string, string>();
  const visit = (node: Node): void => {
    hashInto(lists, node[side].view, node.path);
    for (const inner of node.inner) visit(inner);
  };
  visit(root);
  return lists;
}

function hashInto(lists: Map<string, string>, view: View, path: string): void {
  if (view.size > largest) return;
  const bytes = view.read(0, view.size);
  for (const algorithm of algorithms) lists.set(hexDigest(algorithm, bytes), path);
}
