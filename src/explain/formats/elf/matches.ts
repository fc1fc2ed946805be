/** Pairs sections by name, and lays each pair side by side. */
import { type ElfSection, hasBytes, isCode, isLoaded, sectionTypes } from '../../../format/elf.ts';
import type { Match } from './addresses.ts';
import { align, type Piece } from './align.ts';
import { frameParts } from './frames.ts';
import type { Image } from './image.ts';
import { byName, type NamedPiece, type NamedPieces, partsOf } from './named.ts';

/** With the functions of code, and what is not on both sides. */
export interface SectionMatch extends Match {
  readonly kind: 'code' | 'data' | 'table' | 'nothing';
  readonly named?: NamedPieces;
  /** Whether the bytes are equal, wherever they refer to. */
  readonly equal: boolean;
}

const tables: ReadonlySet<number> = new Set([
  sectionTypes.symbols,
  sectionTypes.dynamicSymbols,
  sectionTypes.rela,
  sectionTypes.rel,
  sectionTypes.dynamic,
  sectionTypes.note,
]);

export function matchSections(theirs: Image, ours: Image): SectionMatch[] {
  return [...ours.byName].flatMap(([name, section]) => {
    const other = theirs.byName.get(name);
    return other === undefined || other.type !== section.type ? [] : [matchOne(name, theirs, ours, other, section)];
  });
}

function matchOne(name: string, theirs: Image, ours: Image, left: ElfSection, right: ElfSection): SectionMatch {
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
    const named = byName(partsOf(theirs, left, 'code'), partsOf(ours, right, 'code'));
    return { ...base, kind: 'code', equal, named, pieces: named.pairs };
  }
  if (tables.has(right.type)) return { ...base, kind: 'table', equal, pieces: [whole] };
  if (equal) return { ...base, kind: 'data', equal, pieces: [whole] };
  return { ...base, kind: 'data', equal, pieces: dataPieces(name, theirs, ours, left, right) };
}

function dataPieces(name: string, theirs: Image, ours: Image, left: ElfSection, right: ElfSection): readonly Piece[] {
  const [a, b] = [theirs.bytes(left), ours.bytes(right)];
  const named = isLoaded(right) ? anchors(name, theirs, ours, left, right) : undefined;
  if (named === undefined) return align(a, b);
  return named.flatMap((piece) => {
    const one = a.subarray(piece.theirs, piece.theirs + piece.theirsSize);
    const other = b.subarray(piece.ours, piece.ours + piece.oursSize);
    if (one.equals(other) || (piece.name !== '' && one.length === other.length)) return [piece];
    return align(one, other).map((part) => ({
      ...part,
      theirs: part.theirs + piece.theirs,
      ours: part.ours + piece.ours,
    }));
  });
}

/** What has names, or numbers of its own, if both sides have the same of it in the same order. */
function anchors(
  name: string,
  theirs: Image,
  ours: Image,
  left: ElfSection,
  right: ElfSection,
): readonly NamedPiece[] | undefined {
  const named =
    name === '.eh_frame'
      ? byName(frameParts(theirs, left), frameParts(ours, right))
      : byName(partsOf(theirs, left, 'data'), partsOf(ours, right, 'data'));
  const complete = named.onlyOurs.length === 0 && named.onlyTheirs.length === 0 && named.inOrder;
  return complete && named.pairs.length > 0 ? named.pairs : undefined;
}
