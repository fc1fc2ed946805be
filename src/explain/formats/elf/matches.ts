/** Pairs sections by name, and lays each pair side by side. */
import { type ElfSection, hasBytes, isCode, isLoaded, sectionTypes } from '../../../format/elf.ts';
import type { Match } from './addresses.ts';
import { align, joined, type Piece } from './align.ts';
import { frameParts } from './frames.ts';
import { hintsFrom, hintsIn, inOrder } from './hints.ts';
import type { Image } from './image.ts';
import { isStringTable, type StringPieces, stringPieces } from './string-table.ts';
import { misfit, type Place, reorderedPieces } from './reordered.ts';
import { byName, type NamedPiece, type NamedPieces, type Part, partsOf } from './named.ts';

/** With the functions of code, and what is not on both sides. */
export interface SectionMatch extends Match {
  readonly kind: 'code' | 'data' | 'table' | 'nothing';
  readonly named?: NamedPieces;
  /** Of a section that holds nothing but strings. */
  readonly strings?: StringPieces;
  /** Whether the bytes are equal, wherever they refer to. */
  readonly equal: boolean;
}

type Hints = () => ReadonlyMap<number, number>;

const tables: ReadonlySet<number> = new Set([
  sectionTypes.symbols,
  sectionTypes.dynamicSymbols,
  sectionTypes.rela,
  sectionTypes.rel,
  sectionTypes.dynamic,
  sectionTypes.note,
]);

/** Sections of one name and type; code first, since data is laid side by side by what code refers to. */
export function matchSections(theirs: Image, ours: Image): SectionMatch[] {
  const matches: SectionMatch[] = [];
  let hints: ReadonlyMap<number, number> | undefined;
  const hinted = (): ReadonlyMap<number, number> => (hints ??= hintsFrom(theirs, ours, matches));
  for (const wanted of [true, false]) {
    for (const [name, section] of ours.byName) {
      const other = theirs.byName.get(name);
      if (isCode(section) !== wanted || other === undefined || other.type !== section.type) continue;
      matches.push(matchOne(name, theirs, ours, other, section, hinted));
    }
  }
  return matches;
}

function matchOne(
  name: string,
  theirs: Image,
  ours: Image,
  left: ElfSection,
  right: ElfSection,
  hints: Hints,
): SectionMatch {
  const base = { name, theirs: left, ours: right };
  const whole: Piece = { theirs: 0, theirsSize: left.size, ours: 0, oursSize: right.size };
  if (!hasBytes(left) || !hasBytes(right)) {
    const named = byName(partsOf(theirs, left, 'data'), partsOf(ours, right, 'data'));
    const still = left.size === right.size && named.pairs.every((piece) => piece.theirs === piece.ours);
    const pieces = still ? [whole] : named.pairs;
    return { ...base, kind: 'nothing', equal: left.size === right.size, pieces };
  }
  const [a, b] = [theirs.bytes(left), ours.bytes(right)];
  const equal = a.equals(b);
  if (isCode(right)) {
    const named = byName(...codeParts(theirs, ours, left, right));
    return { ...base, kind: 'code', equal, named, pieces: named.pairs };
  }
  if (tables.has(right.type)) return { ...base, kind: 'table', equal, pieces: [whole] };
  if (equal) return { ...base, kind: 'data', equal, pieces: [whole] };
  if (isStringTable(name)) {
    const strings = stringPieces(a, b);
    return { ...base, kind: 'data', equal, strings, pieces: strings.pieces };
  }
  if (name === '.eh_frame') {
    const named = byName(frameParts(theirs, left), frameParts(ours, right));
    const complete = named.onlyOurs.length === 0 && named.onlyTheirs.length === 0 && named.pairs.length > 0;
    if (complete) return { ...base, kind: 'data', equal, named, pieces: named.pairs };
  }
  return { ...base, kind: 'data', equal, ...dataPieces(theirs, ours, left, right, hints) };
}

/** Where one side was stripped, and the code has the same length, the other side's names do for both. */
function codeParts(theirs: Image, ours: Image, left: ElfSection, right: ElfSection): [Part[], Part[]] {
  const [a, b] = [partsOf(theirs, left, 'code'), partsOf(ours, right, 'code')];
  if (left.size !== right.size || theirs.stripped === ours.stripped) return [a, b];
  return theirs.stripped ? [b, b] : [a, a];
}

function dataPieces(
  theirs: Image,
  ours: Image,
  left: ElfSection,
  right: ElfSection,
  hints: Hints,
): Pick<SectionMatch, 'pieces' | 'reordered'> {
  const [a, b] = [theirs.bytes(left), ours.bytes(right)];
  if (!isLoaded(right)) return { pieces: align(a, b) };
  const places = placesIn(theirs, ours, left, right, hints());
  const rising = inOrder(places);
  const blocks = between(rising, left.size, right.size);
  const pieces = blocks.flatMap((piece) => {
    if (piece.theirsSize === piece.oursSize) return [piece];
    const one = a.subarray(piece.theirs, piece.theirs + piece.theirsSize);
    const other = b.subarray(piece.ours, piece.ours + piece.oursSize);
    return align(one, other).map((part) => ({
      ...part,
      theirs: part.theirs + piece.theirs,
      ours: part.ours + piece.ours,
    }));
  });
  const straight = joined(pieces);
  if (rising.length >= places.filter(({ theirs: i, ours: j }) => i > 0 || j > 0).length) return { pieces: straight };
  const reordered = reorderedPieces(places, a, b);
  return misfit(reordered, a, b) < misfit(straight, a, b)
    ? { pieces: reordered, reordered: true }
    : { pieces: straight };
}

/** What code of both sides refers to, and what symbols name, in order of ours. */
function placesIn(
  theirs: Image,
  ours: Image,
  left: ElfSection,
  right: ElfSection,
  hints: ReadonlyMap<number, number>,
): Place[] {
  const [from, to] = [theirs.base(left), ours.base(right)];
  const all = new Map(hints);
  for (const pair of byName(partsOf(theirs, left, 'data'), partsOf(ours, right, 'data')).pairs) {
    if (pair.name !== '') all.set(to + pair.ours, from + pair.theirs);
  }
  return hintsIn(all, { base: from, section: left }, { base: to, section: right });
}

/** From each pair of places to the next. */
function between(places: readonly Place[], theirEnd: number, ourEnd: number): NamedPiece[] {
  const starts = [{ theirs: 0, ours: 0 }, ...places];
  return starts.map(({ theirs, ours }, index) => {
    const next = starts[index + 1] ?? { theirs: theirEnd, ours: ourEnd };
    return { name: '', theirs, ours, theirsSize: next.theirs - theirs, oursSize: next.ours - ours };
  });
}
