/** Causes that are one to a reader: the same kind, weight and certainty in many files. */
import type { Cause } from '../model/difference.ts';
import { balance, type Quote } from './leading.ts';
import { byteCount, grouped } from './numbers.ts';

export interface CauseGroup {
  /** The one that stands for all. */
  readonly worst: Cause;
  readonly count: number;
  readonly explains: number;
}

/** Worst first, as the causes were. */
export function groupCauses(causes: readonly Cause[]): readonly CauseGroup[] {
  const groups = new Map<string, Cause[]>();
  for (const cause of causes) {
    const key = `${cause.severity} ${cause.kind} ${cause.certainty}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [cause]);
    else group.push(cause);
  }
  return [...groups.values()].map((group) => ({
    worst: group.reduce((worst, cause) => (weightOf(cause) > weightOf(worst) ? cause : worst)),
    count: group.length,
    explains: group.reduce((sum, { explains }) => sum + explains, 0),
  }));
}

/** A cause that explains nothing weighs by what it leaves. */
function weightOf({ explains, residual }: Cause): number {
  return explains === 0 ? residual : explains;
}

/** `in usr/bin/tree and 3 more places`; untrusted unless `quote` makes it fit. */
export function placesOf({ worst, count }: CauseGroup, quote: Quote = String): string {
  const place = worst.path === '' ? 'in the file itself' : `in ${quote(worst.path)}`;
  return count === 1 ? place : `${place} and ${grouped(count - 1)} more ${count === 2 ? 'place' : 'places'}`;
}

export function balanceOf(group: CauseGroup): string {
  if (group.count === 1) return balance(group.worst);
  return `${byteCount(group.explains)} explained in ${grouped(group.count)} places`;
}
