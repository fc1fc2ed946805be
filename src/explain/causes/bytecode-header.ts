import { accountsOf, isTwoSided, spread } from '../spans.ts';
import type { CauseFinder, Delta, Pair } from '../types.ts';

const headFields: ReadonlySet<string> = new Set(['source time', 'source size', 'source hash', 'invalidation']);

/** The head of compiled Python says which source it is of: by time and size, or by a hash. */
export const bytecodeHeader: CauseFinder = {
  formats: ['pyc'],
  find(pair, open) {
    const heads = open.filter(({ field }) => headFields.has(field));
    return accountsOf(
      heads.map((delta) => [delta, isOnlyTime(pair, delta)]),
      (deltas) => ({ summary: tell(deltas), fix: fixFor(deltas) }),
    );
  },
};

/** The same source, read at another time: the head of one side with the other's time is the other head. */
function isOnlyTime({ deltas }: Pair, delta: Delta): boolean {
  return delta.field === 'source time' && isTwoSided(delta) && deltas.every((one) => one === delta);
}

function tell(deltas: readonly Delta[]): string {
  const said = deltas.map((delta) => {
    return `${delta.field} ${spread([delta], 'released')} released, ${spread([delta], 'rebuilt')} rebuilt`;
  });
  return `the head of compiled Python: ${said.join('; ')}`;
}

function fixFor(deltas: readonly Delta[]): string {
  return deltas.some(({ field }) => field === 'source size')
    ? 'compile the same source text on both sides'
    : 'python -m compileall --invalidation-mode unchecked-hash, or set the times of the sources to SOURCE_DATE_EPOCH first';
}
