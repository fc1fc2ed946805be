/** Where things of our file stand in theirs. */
import { type ElfSection, hasBytes } from '../../../format/elf.ts';
import type { Piece } from './align.ts';
import { type Image, isPlaced } from './image.ts';

/** A section that both sides have, laid side by side. */
export interface Match {
  readonly name: string;
  readonly theirs: ElfSection;
  readonly ours: ElfSection;
  /** In order of ours; together all of both sides, but for functions that one side lacks. */
  readonly pieces: readonly Piece[];
  /** Whether data of both stands in another order; never set for code. */
  readonly reordered?: boolean;
}

export interface Addresses {
  /** Whether an address on their side is what an address on ours became. */
  same(theirs: number, ours: number): boolean;
  /** The section of ours in which an address lies. */
  within(ours: number): Match | undefined;
  /** Whether nothing was moved. */
  readonly still: boolean;
}

/** What follows from where the matched sections of both lie in memory. */
export function addressesOf(theirs: Image, ours: Image, matches: readonly Match[]): Addresses {
  const placed = matches.filter((match) => isPlaced(ours, match.ours) && isPlaced(theirs, match.theirs));
  const sorted = placed.toSorted((a, b) => ours.base(a.ours) - ours.base(b.ours));
  const starts = sorted.map((match) => ours.base(match.ours));
  const index = new Map(sorted.map((match) => [match, placesOf(match)] as const));
  const sectionAt = (address: number): number => lastNotAbove(starts, address);

  const leadsTo = (their: number, our: number): boolean => {
    // An address may be the start of one section and the end of the one before.
    const last = sectionAt(our);
    for (let at = last; at >= 0 && at > last - 3; at--) {
      const match = sorted[at];
      if (match === undefined) continue;
      const offset = our - (starts[at] ?? 0);
      if (offset > match.ours.size) continue;
      const to = offset === match.ours.size ? match.theirs.size : mapped(index.get(match) ?? [], offset);
      if (to !== undefined && theirs.base(match.theirs) + to === their) return true;
    }
    return false;
  };
  const within = (address: number): Match | undefined => {
    const match = sorted[sectionAt(address)];
    return match !== undefined && address - ours.base(match.ours) < match.ours.size ? match : undefined;
  };
  const still = sorted.every((match) => {
    const moved = theirs.base(match.theirs) !== ours.base(match.ours);
    return !moved && match.pieces.every((piece) => piece.theirs === piece.ours);
  });
  return {
    still,
    within,
    same(their, our) {
      if (Number.isNaN(their) || Number.isNaN(our)) return false;
      if (leadsTo(their, our)) return true;
      const match = within(our);
      return match !== undefined && isSameString(theirs, ours, match, their, our);
    },
  };
}

function placesOf({ pieces }: Match): readonly Piece[] {
  return pieces.toSorted((a, b) => a.ours - b.ours || a.oursSize - b.oursSize);
}

/** Offset in their section of an offset in ours; inside a changed piece only its start is known. */
export function mapped(pieces: readonly Piece[], offset: number): number | undefined {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.ours ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  const piece = pieces[low - 1];
  if (piece === undefined) return undefined;
  const inside = offset - piece.ours;
  if (inside === 0) return piece.theirs;
  if (piece.theirsSize === piece.oursSize && inside <= piece.oursSize) return piece.theirs + inside;
  return undefined;
}

/** Index of the last number that is not above the value, or -1. */
export function lastNotAbove(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const longest = 4096;

/** The end of a string may stand for a string of its own; that end was not changed. */
function isSameString(theirs: Image, ours: Image, match: Match, their: number, our: number): boolean {
  if (!hasBytes(match.theirs) || !hasBytes(match.ours)) return false;
  const [a, b] = [theirs.bytes(match.theirs), ours.bytes(match.ours)];
  const [i, j] = [their - theirs.base(match.theirs), our - ours.base(match.ours)];
  const inside = i >= 0 && i < a.length && j >= 0 && j < b.length;
  if (!inside || a[i] !== b[j]) return false;
  const size = b.subarray(j, j + longest).indexOf(0) + 1;
  if (size < 3 || i + size > a.length) return false;
  return b.compare(a, i, i + size, j, j + size) === 0 && isPrintable(b, j, j + size - 1);
}

function isPrintable(bytes: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if ((bytes[at] ?? 0) < 0x20 && bytes[at] !== 10 && bytes[at] !== 9) return false;
  return true;
}
