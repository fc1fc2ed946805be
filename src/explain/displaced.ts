/**
 * The fewest places of a sequence of distinct numbers that must be taken out for the rest to rise:
 * what was moved, if the numbers are the places in another order. Patience sorting, n log n.
 */
export function displaced(places: readonly number[]): number[] {
  if (places.every((place, index) => index === 0 || place > (places[index - 1] ?? 0))) return [];
  /** Index of the smallest last place of a rising sequence, by its length - 1. */
  const tails: number[] = [];
  const before: number[] = [];
  for (const [index, place] of places.entries()) {
    const length = firstNotBelow(tails, place, places);
    before[index] = length === 0 ? -1 : (tails[length - 1] ?? -1);
    tails[length] = index;
  }
  const kept = new Set<number>();
  for (let index = tails.at(-1) ?? -1; index !== -1; index = before[index] ?? -1) kept.add(index);
  return places.flatMap((_, index) => (kept.has(index) ? [] : [index]));
}

function firstNotBelow(tails: readonly number[], place: number, places: readonly number[]): number {
  let [low, high] = [0, tails.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[tails[middle] ?? 0] ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}
