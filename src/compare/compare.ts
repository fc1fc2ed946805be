/** Compares a released and a rebuilt file: digests first, then bytes. */
import type { Outcome, ArtifactVerdict, FileIdentity } from '../model/verdict.ts';
import { digestFile, type Digests } from '../platform/digest.ts';

import type { Blob } from '../store/store.ts';
import { compareBytes } from './bytes.ts';

export type Comparison = Required<Pick<ArtifactVerdict, 'rebuilt'>> &
  Pick<ArtifactVerdict, 'difference'> & { readonly outcome: Outcome; readonly released: FileIdentity };

/**
 * Equal means: equal size, equal SHA-256 and SHA-512, and equal bytes. An empty file is never a match.
 * @throws SamesourceError `digest-disagreement`
 */
export async function compareFiles(released: Blob, rebuilt: Blob): Promise<Comparison> {
  const [theirs, ours] = [await digestFile(released.path), await digestFile(rebuilt.path)];
  const difference = await compareBytes(released.path, rebuilt.path);
  const sides = { released: identity(theirs), rebuilt: identity(ours) };
  if (isSame(theirs, ours) && difference.bytes === 0 && theirs.size > 0) return { outcome: 'identical', ...sides };
  return {
    outcome: 'different',
    ...sides,
    difference: { ...difference, files: [], causes: [], unexplained: difference.bytes },
  };
}

function isSame(left: Digests, right: Digests): boolean {
  return left.size === right.size && left.sha256 === right.sha256 && left.sha512 === right.sha512;
}

function identity({ sha256, sha512, size, secondHash }: Digests): FileIdentity {
  return { sha256, sha512, size, secondHash };
}
