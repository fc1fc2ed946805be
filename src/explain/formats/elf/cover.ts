/** Checks that deltas leave no unequal byte out. */
import type { View } from '../../../platform/view.ts';
import { isEqual } from '../../../platform/unequal.ts';
import type { LedgerRegion } from '../../../ledger/types.ts';
import type { Delta } from '../../types.ts';

/**
 * Whether the deltas' released bytes, put into the rebuilt region, give the released one. Parts in
 * another order are put together from equal parts by their own delta, which stands for the whole.
 */
export function holds(
  released: View,
  rebuilt: View,
  region: LedgerRegion,
  other: LedgerRegion,
  deltas: readonly Delta[],
): boolean {
  if (deltas.some(({ field }) => field === 'order')) return true;
  const left = spans(deltas.flatMap((delta) => delta.released ?? []));
  const right = spans(deltas.flatMap((delta) => delta.rebuilt ?? []));
  if (left === undefined || right === undefined) return false;
  const [a, b] = [keptOf(left, region), keptOf(right, other)];
  return sameRuns(released, a, rebuilt, b);
}

interface Run {
  readonly at: number;
  readonly size: number;
}

/** Sorted; absent if they overlap. */
function spans(found: readonly Run[]): Run[] | undefined {
  const sorted = found.filter(({ size }) => size > 0).toSorted((a, b) => a.at - b.at);
  const apart = sorted.every((one, index) => {
    const before = sorted[index - 1];
    return before === undefined || before.at + before.size <= one.at;
  });
  return apart ? sorted : undefined;
}

/** What no delta takes. */
function keptOf(taken: readonly Run[], { at, size }: Run): Run[] {
  const kept: Run[] = [];
  let from = at;
  for (const one of taken) {
    if (one.at > from) kept.push({ at: from, size: one.at - from });
    from = one.at + one.size;
  }
  if (from < at + size) kept.push({ at: from, size: at + size - from });
  return kept;
}

/** Whether both, put in a row, are the same bytes. */
function sameRuns(released: View, left: readonly Run[], rebuilt: View, right: readonly Run[]): boolean {
  let [i, j, doneLeft, doneRight] = [0, 0, 0, 0];
  for (;;) {
    const [a, b] = [left[i], right[j]];
    if (a === undefined || b === undefined) return a === undefined && b === undefined;
    const size = Math.min(a.size - doneLeft, b.size - doneRight);
    if (!isEqual(released.slice(a.at + doneLeft, size), rebuilt.slice(b.at + doneRight, size))) return false;
    doneLeft += size;
    doneRight += size;
    if (doneLeft === a.size) [i, doneLeft] = [i + 1, 0];
    if (doneRight === b.size) [j, doneRight] = [j + 1, 0];
  }
}
