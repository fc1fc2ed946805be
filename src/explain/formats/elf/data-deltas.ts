import { isUtf8 } from 'node:buffer';
import { isProducer } from '../../../format/dwarf.ts';
import { fileTypes, isCode, isLoaded } from '../../../format/elf.ts';
import type { Delta } from '../../types.ts';
import type { Piece } from './align.ts';
import { compareData, type DataContext, debugWords, loadedWords, type Word } from './data.ts';
import { sectionDelta } from './deltas.ts';
import { isTableOfFrames } from './frames.ts';
import type { SectionMatch } from './matches.ts';
import { fillsUp } from './reordered.ts';
import { producerDeltas } from './producer-deltas.ts';
import { stringDeltas } from './string-table.ts';

/** Strings that differ, other data that does, and addresses that were moved. */
export function dataDeltas(match: SectionMatch, context: DataContext): Delta[] {
  const reordered = match.named?.inOrder === false || match.reordered === true;
  if (match.equal && !reordered) return stalePointers(match, context);
  if (match.strings !== undefined) {
    return stringDeltas(match, context, (piece) => told(match, { ...piece, moved: false }, context));
  }
  if (match.name === '.eh_frame_hdr' && isTableOfFrames(context.theirs) && isTableOfFrames(context.ours)) {
    return [wholeDelta(match, context, 'addresses')];
  }
  const words = isLoaded(match.ours) ? loadedWords(match, context) : debugWords(match, context);
  const parts: Found[] = [];
  for (const piece of match.pieces) {
    if (piece.theirsSize !== piece.oursSize) {
      const frame = match.name === '.eh_frame' && isPaddedFrame(match, piece, words, context);
      const fills =
        match.reordered === true && fillsUp(piece, context.theirs.bytes(match.theirs), context.ours.bytes(match.ours));
      parts.push({ ...piece, moved: frame || fills });
      continue;
    }
    for (const { at, size, moved } of compareData(match, piece, words, context)) {
      parts.push({ theirs: piece.theirs + at, theirsSize: size, ours: piece.ours + at, oursSize: size, moved });
    }
  }
  const deltas = merged(wholeStrings(match, parts, context)).flatMap((part) => told(match, part, context));
  return reordered
    ? [...deltas, { ...wholeDelta(match, context, 'order'), class: isMerged(match) ? 'derived' : 'structure' }]
    : deltas;
}

/**
 * Pointers to code in programs of fixed addresses that stayed as they were though the code was moved:
 * they point to something else now.
 */
function stalePointers(match: SectionMatch, context: DataContext): Delta[] {
  const { theirs, ours, addresses } = context;
  const fixed = ours.elf.type === fileTypes.executable && ours.elf.little && !addresses.still;
  if (!fixed || !isLoaded(match.ours) || match.name.startsWith('.eh_frame')) return [];
  const [a, b] = [theirs.bytes(match.theirs), ours.bytes(match.ours)];
  const size = ours.elf.bits === 64 ? 8 : 4;
  const found: Delta[] = [];
  for (const piece of match.pieces) {
    if (piece.theirsSize !== piece.oursSize) continue;
    for (let at = (size - (piece.ours % size)) % size; at + size <= piece.oursSize; at += size) {
      const [i, j] = [piece.theirs + at, piece.ours + at];
      const value = b.readUInt32LE(j);
      const high = size === 8 ? b.readUInt32LE(j + 4) : 0;
      if (value === 0 || high !== 0 || a.compare(b, j, j + size, i, i + size) !== 0) continue;
      const target = addresses.within(value);
      if (target === undefined || !isCode(target.ours) || addresses.same(value, value)) continue;
      const part = { theirs: i, theirsSize: size, ours: j, oursSize: size };
      found.push(sectionDelta(context, match, part, { where: match.name, field: 'data' }));
    }
  }
  return found;
}

/** Of strings that the linker brings together, and sorts by what they are. */
function isMerged({ reordered, theirs, ours }: SectionMatch): boolean {
  const merge = 0x10;
  return reordered === true && [theirs, ours].every(({ flags }) => Math.floor(flags / merge) % 2 === 1);
}

/** A section that follows from others as a whole. */
function wholeDelta(match: SectionMatch, context: DataContext, field: string): Delta {
  const whole = { theirs: 0, theirsSize: match.theirs.size, ours: 0, oursSize: match.ours.size };
  return sectionDelta(context, match, whole, { where: match.name, field, class: 'derived' });
}

/** A record that is filled up with zeros to the section's alignment, since it is the last one on one side. */
function isPaddedFrame(match: SectionMatch, piece: Piece, words: readonly Word[], context: DataContext): boolean {
  const [a, b] = [context.theirs.bytes(match.theirs), context.ours.bytes(match.ours)];
  const common = Math.min(piece.theirsSize, piece.oursSize);
  if (common < 8) return false;
  const { little } = context.ours.elf;
  const length = (bytes: Buffer, at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const fits = length(a, piece.theirs) + 4 === piece.theirsSize && length(b, piece.ours) + 4 === piece.oursSize;
  const filled =
    isZero(a, piece.theirs + common, piece.theirsSize - common) &&
    isZero(b, piece.ours + common, piece.oursSize - common);
  const inside = { theirs: piece.theirs + 4, theirsSize: common - 4, ours: piece.ours + 4, oursSize: common - 4 };
  return fits && filled && compareData(match, inside, words, context).every(({ moved }) => moved);
}

interface Found extends Piece {
  readonly moved: boolean;
}

/** How far a string is followed to either side. */
const reach = 1024;

/** What changed inside a string, with the rest of the string. */
function wholeStrings(match: SectionMatch, parts: readonly Found[], context: DataContext): Found[] {
  const [a, b] = [context.theirs.bytes(match.theirs), context.ours.bytes(match.ours)];
  let [theirEnd, ourEnd] = [0, 0];
  return parts.map((part, index) => {
    const next = parts[index + 1];
    const room = [part.theirs - theirEnd, part.ours - ourEnd] as const;
    const [i, j] = [part.theirs + part.theirsSize, part.ours + part.oursSize];
    const after = [(next?.theirs ?? a.length) - i, (next?.ours ?? b.length) - j] as const;
    const back = part.moved ? 0 : follow(a, part.theirs - 1, b, part.ours - 1, -1, Math.min(...room, reach));
    const on = part.moved ? 0 : follow(a, i, b, j, 1, Math.min(...after, reach));
    [theirEnd, ourEnd] = [i + on, j + on];
    // What is no text as a whole is told as it is.
    const isText =
      textOf(a, part.theirs - back, part.theirsSize + back + on, 1) !== undefined &&
      textOf(b, part.ours - back, part.oursSize + back + on, 1) !== undefined;
    if (!isText) [theirEnd, ourEnd] = [i, j];
    if (!isText) return part;
    return {
      theirs: part.theirs - back,
      theirsSize: part.theirsSize + back + on,
      ours: part.ours - back,
      oursSize: part.oursSize + back + on,
      moved: part.moved,
    };
  });
}

/** How many characters of text both sides have in common from here. */
function follow(a: Buffer, i: number, b: Buffer, j: number, step: 1 | -1, most: number): number {
  let count = 0;
  for (; count < most; count++) {
    const byte = a[i + count * step] ?? 0;
    if (byte < 0x20 || byte === 0x7f || byte !== b[j + count * step]) break;
  }
  return count;
}

/** Parts of one string are one. */
function merged(parts: readonly Found[]): Found[] {
  const all: Found[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    const touches =
      last !== undefined &&
      last.moved === part.moved &&
      last.theirs + last.theirsSize === part.theirs &&
      last.ours + last.oursSize === part.ours;
    if (!touches) all.push(part);
    else {
      const sizes = { theirsSize: last.theirsSize + part.theirsSize, oursSize: last.oursSize + part.oursSize };
      all[all.length - 1] = { ...last, ...sizes };
    }
  }
  return all;
}

function told(match: SectionMatch, part: Found, context: DataContext): Delta[] {
  const [a, b] = [context.theirs.bytes(match.theirs), context.ours.bytes(match.ours)];
  if (part.moved) {
    return [sectionDelta(context, match, part, { where: match.name, field: 'addresses', class: 'derived' })];
  }
  // A few letters among other bytes are no string.
  const least = match.strings === undefined ? 4 : 1;
  const texts = [textOf(a, part.theirs, part.theirsSize, least), textOf(b, part.ours, part.oursSize, least)] as const;
  const [released, rebuilt] = texts;
  if (released === undefined || rebuilt === undefined) {
    // Among parts in another order, what may fill up was looked for already.
    const filler =
      match.reordered !== true && isZero(a, part.theirs, part.theirsSize) && isZero(b, part.ours, part.oursSize);
    const field = isLoaded(match.ours) ? 'data' : 'debug';
    return [
      sectionDelta(context, match, part, {
        where: match.name,
        field,
        ...(filler ? { class: 'derived' as const } : {}),
      }),
    ];
  }
  if (isProducer(released) && isProducer(rebuilt) && !/\0./.test(released + rebuilt)) {
    return producerDeltas(match, part, context);
  }
  const field = match.name === '.comment' ? 'compiler' : 'string';
  return [sectionDelta(context, match, part, { where: match.name, field, texts: [released, rebuilt] })];
}

function isZero(bytes: Buffer, at: number, size: number): boolean {
  for (let index = at; index < at + size; index++) if (bytes[index] !== 0) return false;
  return true;
}

const longestText = 64 * 1024;

/** Text with zero bytes between its parts, and behind it; absent for what is no text. */
function textOf(bytes: Buffer, at: number, size: number, least: number): string | undefined {
  if (size > longestText) return undefined;
  let letters = 0;
  for (let index = at; index < at + size; index++) {
    const byte = bytes[index] ?? 0;
    if (byte >= 0x20 && byte !== 0x7f) letters++;
    else if (byte !== 0 && byte !== 9 && byte !== 10 && byte !== 13) return undefined;
  }
  if (size > 0 && letters < least) return undefined;
  if (!isUtf8(bytes.subarray(at, at + size))) return undefined;
  return bytes
    .toString('utf8', at, at + size)
    .replace(/\0+$/, '')
    .replaceAll(/\0+/g, '\0');
}
