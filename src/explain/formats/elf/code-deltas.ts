import { demangled } from '../../../format/demangle.ts';
import type { Delta } from '../../types.ts';
import type { Piece } from './align.ts';
import { type CodeContext, compareCode, isFiller, type Range } from './code.ts';
import { onlyDelta, sectionDelta } from './deltas.ts';
import type { SectionMatch } from './matches.ts';
import type { NamedPiece, Part } from './named.ts';

/** Functions that differ, and those that were only moved. */
export function codeDeltas(match: SectionMatch, context: CodeContext): Delta[] {
  const { named } = match;
  if (named === undefined || (match.equal && context.addresses.still)) return [];
  const deltas = named.pairs.flatMap((piece) => pieceDeltas(match, piece, context));
  const only = [
    ...named.onlyTheirs.flatMap((part) => onlyOne('released', match, part, context)),
    ...named.onlyOurs.flatMap((part) => onlyOne('rebuilt', match, part, context)),
  ];
  return [...deltas, ...only, ...(named.inOrder ? [] : [orderDelta(match, context)])];
}

function pieceDeltas(match: SectionMatch, piece: NamedPiece, context: CodeContext): Delta[] {
  if (piece.theirsSize !== piece.oursSize) return [resized(match, piece, context)];
  const ranges = compareCode(match, { theirs: piece.theirs, ours: piece.ours, size: piece.oursSize }, context);
  if (piece.name === '') return ranges.map((range) => rangeDelta(match, piece, range, context));
  // A function is told once, from its first changed instruction to its last.
  const changed = ranges.filter(({ moved }) => !moved);
  const [first, last] = [changed[0], changed.at(-1)];
  if (first === undefined || last === undefined)
    return spanned(ranges).map((one) => rangeDelta(match, piece, one, context));
  const end = last.at + last.size;
  const before = spanned(ranges.filter(({ at }) => at < first.at));
  const after = spanned(ranges.filter(({ at }) => at >= end));
  const core = { at: first.at, size: end - first.at, moved: false };
  return [...before, core, ...after].map((one) => rangeDelta(match, piece, one, context));
}

/** From the first range to the last. */
function spanned(ranges: readonly Range[]): Range[] {
  const [first, last] = [ranges[0], ranges.at(-1)];
  if (first === undefined || last === undefined) return [];
  return [{ at: first.at, size: last.at + last.size - first.at, moved: first.moved }];
}

function rangeDelta(match: SectionMatch, piece: NamedPiece, { at, size, moved }: Range, context: CodeContext): Delta {
  const part = { theirs: piece.theirs + at, theirsSize: size, ours: piece.ours + at, oursSize: size };
  const field = piece.name === '' ? 'code' : 'function';
  const where = placeName(match, piece.name);
  return sectionDelta(context, match, part, { where, field, ...(moved ? { class: 'derived' as const } : {}) });
}

function resized(match: SectionMatch, piece: NamedPiece, context: CodeContext): Delta {
  const [a, b] = [context.theirs.bytes(match.theirs), context.ours.bytes(match.ours)];
  const filler =
    piece.name === '' &&
    isFiller(a, piece.theirs, piece.theirs + piece.theirsSize) &&
    isFiller(b, piece.ours, piece.ours + piece.oursSize);
  const trimmed = filler ? piece : trim(a, b, piece);
  const field = piece.name === '' ? 'code' : 'function';
  const where = placeName(match, piece.name);
  return sectionDelta(context, match, trimmed, { where, field, ...(filler ? { class: 'derived' as const } : {}) });
}

function trim(a: Buffer, b: Buffer, piece: Piece): Piece {
  const most = Math.min(piece.theirsSize, piece.oursSize);
  let [start, end] = [0, 0];
  while (start < most && a[piece.theirs + start] === b[piece.ours + start]) start++;
  const [i, j] = [piece.theirs + piece.theirsSize, piece.ours + piece.oursSize];
  while (end < most - start && a[i - end - 1] === b[j - end - 1]) end++;
  return {
    theirs: piece.theirs + start,
    theirsSize: piece.theirsSize - start - end,
    ours: piece.ours + start,
    oursSize: piece.oursSize - start - end,
  };
}

function onlyOne(side: 'released' | 'rebuilt', match: SectionMatch, part: Part, context: CodeContext): Delta[] {
  const [image, section] = side === 'released' ? [context.theirs, match.theirs] : [context.ours, match.ours];
  const filler = part.name === '' && isFiller(image.bytes(section), part.at, part.at + part.size);
  const told = { where: placeName(match, part.name), field: 'function' };
  return [onlyDelta(side, image, section, part, { ...told, ...(filler ? { class: 'derived' as const } : {}) })];
}

function orderDelta(match: SectionMatch, context: CodeContext): Delta {
  const { theirs, ours } = match;
  const whole = { theirs: 0, theirsSize: theirs.size, ours: 0, oursSize: ours.size };
  return sectionDelta(context, match, whole, { where: `${match.name}: order`, field: 'order', class: 'structure' });
}

function placeName(match: SectionMatch, name: string): string {
  return name === '' ? match.name : `${demangled(name)}()`;
}
