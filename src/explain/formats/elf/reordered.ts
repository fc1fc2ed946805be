/** Lays data side by side whose parts stand in another order, as after linking in another order. */
import { align, type Piece } from './align.ts';

/** Offsets on both sides of what belongs together. */
export interface Place {
  readonly theirs: number;
  readonly ours: number;
}

/**
 * Both sides cut at the places, each part with the one that begins at the same place of the other
 * side, in order of ours; together all of both sides. What fills up the longer one is a piece apart.
 */
export function reorderedPieces(places: readonly Place[], theirs: Buffer, ours: Buffer): Piece[] {
  const pairs = pairsOf(places, theirs.length, ours.length);
  const left = endsOf(
    pairs.map((pair) => pair.theirs),
    theirs.length,
  );
  const own = endsOf(
    pairs.map((pair) => pair.ours),
    ours.length,
  );

  const pieces: Piece[] = [];
  const add = (piece: Piece): void => {
    if (piece.theirsSize > 0 || piece.oursSize > 0) pieces.push(piece);
  };
  for (const { theirs: i, ours: j } of pairs) {
    const [a, b] = [(left.get(i) ?? i) - i, (own.get(j) ?? j) - j];
    left.delete(i);
    own.delete(j);
    const both = Math.min(a, b);
    const rest = { theirs: i + both, theirsSize: a - both, ours: j + both, oursSize: b - both };
    if (a === b || fillsUp(rest, theirs, ours)) {
      add({ theirs: i, theirsSize: both, ours: j, oursSize: both });
      add(rest);
      continue;
    }
    for (const part of align(theirs.subarray(i, i + a), ours.subarray(j, j + b))) {
      add({ ...part, theirs: i + part.theirs, ours: j + part.ours });
    }
  }
  const [first, start] = [left.get(0), own.get(0)];
  if (first !== undefined) add({ theirs: 0, theirsSize: first, ours: 0, oursSize: 0 });
  if (start !== undefined) add({ theirs: 0, theirsSize: 0, ours: 0, oursSize: start });
  return connected(pieces.toSorted((x, y) => x.ours - y.ours || x.oursSize - y.oursSize));
}

/** Each place of either side once; the starts belong together if nothing else begins there. */
function pairsOf(places: readonly Place[], theirEnd: number, ourEnd: number): Place[] {
  const [theirs, ours] = [new Set<number>(), new Set<number>()];
  const pairs: Place[] = [];
  for (const place of places) {
    const inside = place.theirs >= 0 && place.theirs < theirEnd && place.ours >= 0 && place.ours < ourEnd;
    if (!inside || theirs.has(place.theirs) || ours.has(place.ours)) continue;
    theirs.add(place.theirs);
    ours.add(place.ours);
    pairs.push(place);
  }
  if (!theirs.has(0) && !ours.has(0)) pairs.push({ theirs: 0, ours: 0 });
  return pairs;
}

/** From each start, and from the very first offset, to where the next part starts. */
function endsOf(starts: readonly number[], end: number): Map<number, number> {
  const sorted = [...new Set([0, ...starts])].toSorted((a, b) => a - b);
  return new Map(sorted.map((start, index) => [start, sorted[index + 1] ?? end]));
}

/** Neighbours on both sides are one: a number may lie across. */
function connected(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    const goesOn =
      last !== undefined &&
      last.theirsSize === last.oursSize &&
      piece.theirsSize === piece.oursSize &&
      last.theirs + last.theirsSize === piece.theirs &&
      last.ours + last.oursSize === piece.ours;
    if (!goesOn) all.push(piece);
    else {
      const size = last.oursSize + piece.oursSize;
      all[all.length - 1] = { ...last, theirsSize: size, oursSize: size };
    }
  }
  return all;
}

/** Bytes that are not alike in pieces laid side by side, but for zeros that fill up. */
export function misfit(pieces: readonly Piece[], a: Buffer, b: Buffer): number {
  let bytes = 0;
  for (const { theirs, theirsSize, ours, oursSize } of pieces) {
    const both = Math.min(theirsSize, oursSize);
    for (let at = 0; at < both; at++) if (a[theirs + at] !== b[ours + at]) bytes++;
    for (let at = both; at < theirsSize; at++) if (a[theirs + at] !== 0) bytes++;
    for (let at = both; at < oursSize; at++) if (b[ours + at] !== 0) bytes++;
  }
  return bytes;
}

/**
 * Whether a piece of one side is zeros that bring what follows to its alignment: behind the zero that
 * ends a string, or behind whole numbers. The end of a string that lost its zero is none.
 */
export function fillsUp({ theirs, theirsSize, ours, oursSize }: Piece, a: Buffer, b: Buffer): boolean {
  const [bytes, at, size] = oursSize === 0 ? [a, theirs, theirsSize] : [b, ours, oursSize];
  if (Math.min(theirsSize, oursSize) > 0 || size >= 64 || at === 0) return false;
  for (let index = at; index < at + size; index++) if (bytes[index] !== 0) return false;
  const isLetter = (byte = 0): boolean => byte >= 0x20 && byte < 0x7f;
  return bytes[at - 1] === 0 || (at % 4 === 0 && !(isLetter(bytes[at - 1]) && isLetter(bytes[at - 2])));
}

/** The most that one instruction reads, but for what fills whole vectors of 64 bytes. */
const operand = 32;

/** Whether an instruction that reads here reads the same on both sides; at most to the end of the piece. */
export function readsSame(pieces: readonly Piece[], a: Buffer, b: Buffer, { theirs, ours }: Place): boolean {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.ours ?? 0) <= ours) low = middle + 1;
    else high = middle;
  }
  const piece = pieces[low - 1];
  if (piece === undefined) return false;
  const size = Math.min(operand, piece.ours + piece.oursSize - ours);
  if (!(theirs >= 0 && theirs + size <= a.length)) return false;
  return a.compare(b, ours, ours + size, theirs, theirs + size) === 0;
}
