/** Why two files differ, down to the last byte. */
import type { Difference } from '../model/difference.ts';
import type { SamesourceError } from '../model/error.ts';
import type { Workshop } from '../ledger/types.ts';
import { type Unequal, unequal } from '../platform/unequal.ts';
import type { View } from '../platform/view.ts';
import { account } from './account.ts';
import { describeCauses, describeFiles } from './describe.ts';
import { digestLists } from './digests.ts';
import type { Accounted, Node, Side } from './types.ts';
import { compareSides, walk } from './walk.ts';

export interface Explanation {
  readonly difference: Difference;
  /** The whole account, for allowances. */
  readonly account: Accounted;
  /** Set if the artifact itself is damaged, or an archive that can be read in two ways. */
  readonly refusal?: SamesourceError;
}

/**
 * @param name the artifact's name; a hint at what it is
 * @param found where the bytes differ, if that is known already
 */
export async function explain(
  released: View,
  rebuilt: View,
  name: string,
  workshop: Workshop,
  found?: Unequal,
): Promise<Explanation> {
  const bytes = found ?? (await unequal(released, rebuilt));
  const root = await walk({ path: '', name, released, rebuilt, found: bytes }, workshop);
  return conclude(root, bytes, workshop);
}

/** The same for what has no bytes of its own: two directories. */
export async function explainSides(released: Side, rebuilt: Side, workshop: Workshop): Promise<Explanation> {
  const root = await compareSides({ path: '', name: '' }, [released, rebuilt], workshop, 0);
  return conclude(root, undefined, workshop);
}

async function conclude(root: Node, bytes: Unequal | undefined, workshop: Workshop): Promise<Explanation> {
  const done = await account(root, digestLists(root), workshop);
  const files = describeFiles(done);
  return {
    account: done,
    difference: {
      bytes: bytes?.bytes ?? files.reduce((sum, file) => sum + file.bytes, 0),
      firstOffset: Math.max(0, bytes?.firstOffset ?? 0),
      files,
      causes: describeCauses(done),
      unexplained: files.reduce((sum, file) => sum + file.unexplained, 0),
    },
    ...(root.refusal === undefined ? {} : { refusal: root.refusal }),
  };
}
