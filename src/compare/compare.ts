/** Holds a released and a rebuilt file against each other: digests by two implementations, then every byte. */
import type { FileIdentity } from '../model/verdict.ts';
import { digestFile, type Digests } from '../platform/digest.ts';
import { type Unequal, unequal } from '../platform/unequal.ts';
import type { View } from '../platform/view.ts';

export interface Held {
  readonly path: string;
  readonly view: View;
}

export interface Comparison {
  /** Equal size, equal SHA-256 and SHA-512, and equal bytes. An empty file is never a match. */
  readonly identical: boolean;
  readonly released: FileIdentity;
  readonly rebuilt: FileIdentity;
  readonly found: Unequal;
}

/** @throws SamesourceError `digest-disagreement` */
export async function compareFiles(released: Held, rebuilt: Held): Promise<Comparison> {
  const [theirs, ours] = [await digestFile(released.path), await digestFile(rebuilt.path)];
  const found = await unequal(released.view, rebuilt.view);
  const identical = isSame(theirs, ours) && found.bytes === 0 && theirs.size > 0;
  return { identical, released: identity(theirs), rebuilt: identity(ours), found };
}

function isSame(left: Digests, right: Digests): boolean {
  return left.size === right.size && left.sha256 === right.sha256 && left.sha512 === right.sha512;
}

function identity({ sha256, sha512, size, secondHash }: Digests): FileIdentity {
  return { sha256, sha512, size, secondHash };
}
