/** Compares data that holds addresses of what was moved, and offsets into tables that grew. */
import { type Elf, wholeAddress } from '../../../format/elf.ts';
import { type Addresses, lastNotAbove, mapped, type Match } from './addresses.ts';
import type { Piece } from './align.ts';
import type { Image } from './image.ts';
import { pointersOf } from './hints.ts';
import type { Range } from './code.ts';

export interface DataContext {
  readonly theirs: Image;
  readonly ours: Image;
  readonly addresses: Addresses;
  readonly matches: ReadonlyMap<string, Match>;
  /** Places of our data that code refers to, sorted: where tables may start. */
  readonly references: readonly number[];
}

/** Whether the words at two offsets of the matched section are the same but for what was moved. */
type Reader = (i: number, j: number) => boolean;

export interface Word {
  /** Bytes. */
  readonly size: number;
  readonly same: Reader;
}

/** Two runs of data of one size. Gives what differs, in order. */
export function compareData(match: Match, piece: Piece, words: readonly Word[], context: DataContext): Range[] {
  const [a, b] = [context.theirs.bytes(match.theirs), context.ours.bytes(match.ours)];
  const size = piece.oursSize;
  const ranges: Range[] = [];
  for (let at = nextUnequal(a, piece.theirs, b, piece.ours, 0, size); at < size;) {
    const found = explained(piece, at, size, words, ranges.at(-1));
    if (found === undefined) add(ranges, at, 1, false);
    else add(ranges, found.at, found.size, true);
    at = nextUnequal(a, piece.theirs, b, piece.ours, (found?.at ?? at) + (found?.size ?? 1), size);
  }
  return ranges;
}

function explained(
  piece: Piece,
  at: number,
  size: number,
  words: readonly Word[],
  last: Range | undefined,
): { readonly at: number; readonly size: number } | undefined {
  const from = last === undefined ? 0 : last.at + last.size;
  for (const word of words) {
    // The lowest byte of a number is as a rule the first one to differ.
    for (let back = 0; back < word.size; back++) {
      const start = at - back;
      if (start < from || start + word.size > size) continue;
      if (word.same(piece.theirs + start, piece.ours + start)) return { at: start, size: word.size };
    }
  }
  return undefined;
}

const chunk = 128;

function nextUnequal(a: Buffer, i: number, b: Buffer, j: number, from: number, size: number): number {
  let at = from;
  while (at + chunk <= size && a.compare(b, j + at, j + at + chunk, i + at, i + at + chunk) === 0) at += chunk;
  while (at < size && a[i + at] === b[j + at]) at++;
  return Math.min(at, size);
}

function add(ranges: Range[], at: number, size: number, moved: boolean): void {
  const last = ranges.at(-1);
  const near = last !== undefined && at - (last.at + last.size) < (moved ? 64 : 8);
  if (near && last.moved === moved) ranges[ranges.length - 1] = { at: last.at, size: at + size - last.at, moved };
  else ranges.push({ at, size, moved });
}

interface Numbers {
  readonly u32: (bytes: Buffer, at: number) => number;
  readonly i32: (bytes: Buffer, at: number) => number;
  readonly word: (bytes: Buffer, at: number) => number;
  readonly wordSize: 4 | 8;
}

function numbersOf({ little, bits }: Elf): Numbers {
  const u32 = (bytes: Buffer, at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const i32 = (bytes: Buffer, at: number): number => (little ? bytes.readInt32LE(at) : bytes.readInt32BE(at));
  const [low, high] = little ? [0, 4] : [4, 0];
  const word = (bytes: Buffer, at: number): number =>
    bits === 64 ? wholeAddress(u32(bytes, at + low), u32(bytes, at + high)) : u32(bytes, at);
  return { u32, i32, word, wordSize: bits === 64 ? 8 : 4 };
}

/** Addresses as they are, distances from the word itself, and tables of distances from their start. */
export function loadedWords(match: Match, context: DataContext): Word[] {
  const { theirs, ours, addresses, references } = context;
  const [a, b] = [theirs.bytes(match.theirs), ours.bytes(match.ours)];
  const [theirBase, ourBase] = [theirs.base(match.theirs), ours.base(match.ours)];
  const { word, i32, wordSize } = numbersOf(ours.elf);
  const from = (i: number, j: number, theirStart: number, ourStart: number): boolean =>
    addresses.same(theirStart + i32(a, i), ourStart + i32(b, j));
  const absolute: Word = { size: wordSize, same: (i, j) => addresses.same(word(a, i), word(b, j)) };
  const own: Word = { size: 4, same: (i, j) => from(i, j, theirBase + i, ourBase + j) };
  if (match.name === '.eh_frame') return [own, absolute, cieDistance(match, context)];
  // Either it is the whole table that it has to be, or nothing in it is explained.
  if (match.name === '.eh_frame_hdr') return [];
  const table: Word = {
    size: 4,
    same(i, j) {
      const start = references[lastNotAbove(references, ourBase + j)];
      if (start === undefined || start < ourBase) return false;
      const to = mapped(match.pieces, start - ourBase);
      return to !== undefined && from(i, j, theirBase + to, start);
    },
  };
  return [absolute, table, own, ...lengthWord(match, context)];
}

const longestText = 4096;

/** The length of a string behind the pointer to it: both ends of the string are the same places. */
function lengthWord(match: Match, { theirs, ours, addresses }: DataContext): Word[] {
  if (ours.elf.bits !== 64 || !ours.elf.little) return [];
  const [a, b] = [theirs.bytes(match.theirs), ours.bytes(match.ours)];
  const pointers = new Map(pointersOf(theirs, ours).map((pair) => [pair[1].offset, pair] as const));
  const [from, to] = [theirs.base(match.theirs), ours.base(match.ours)];
  const length = (bytes: Buffer, at: number): number =>
    bytes.readUInt32LE(at + 4) === 0 ? bytes.readUInt32LE(at) : Number.NaN;
  return [
    {
      size: 8,
      same(i, j) {
        const [one, other] = pointers.get(to + j - 8) ?? [];
        if (one === undefined || other === undefined || one.offset !== from + i - 8) return false;
        const [left, right] = [length(a, i), length(b, j)];
        if (!(left < longestText && right < longestText)) return false;
        return addresses.same(one.addend, other.addend) && addresses.same(one.addend + left, other.addend + right);
      },
    },
  ];
}

/** In an FDE: how far back its CIE starts. */
function cieDistance(match: Match, { theirs, ours }: DataContext): Word {
  const [a, b] = [theirs.bytes(match.theirs), ours.bytes(match.ours)];
  const { u32 } = numbersOf(ours.elf);
  return { size: 4, same: (i, j) => mapped(match.pieces, j - u32(b, j)) === i - u32(a, i) };
}

const offsetSections = [
  '.debug_str',
  '.debug_line_str',
  '.debug_line',
  '.debug_info',
  '.debug_abbrev',
  '.debug_loclists',
  '.debug_rnglists',
  '.debug_loc',
  '.debug_ranges',
  '.debug_str_offsets',
  '.debug_addr',
  '.debug_macro',
];

/** Addresses, and offsets into debug sections of which one grew. */
export function debugWords(match: Match, context: DataContext): Word[] {
  const { theirs, ours, addresses, matches } = context;
  const [a, b] = [theirs.bytes(match.theirs), ours.bytes(match.ours)];
  const { u32, word, wordSize } = numbersOf(ours.elf);
  const words: Word[] = [{ size: wordSize, same: (i, j) => addresses.same(word(a, i), word(b, j)) }];
  for (const name of offsetSections) {
    const target = matches.get(name);
    if (target === undefined || isStill(target)) continue;
    words.push({
      size: 4,
      same: (i, j) => u32(b, j) <= target.ours.size && mapped(target.pieces, u32(b, j)) === u32(a, i),
    });
    if (name.endsWith('str')) words.push({ size: 4, same: (i, j) => isEnd(target, context, u32(a, i), u32(b, j)) });
  }
  return words;
}

/** A string that is the end of another one. */
function isEnd(target: Match, { theirs, ours }: DataContext, their: number, our: number): boolean {
  const [a, b] = [theirs.bytes(target.theirs), ours.bytes(target.ours)];
  if (their >= a.length || our >= b.length || a[their] !== b[our]) return false;
  const size = b.subarray(our, our + 4096).indexOf(0) + 1;
  if (size < 3 || their + size > a.length) return false;
  return b.compare(a, their, their + size, our, our + size) === 0;
}

function isStill({ pieces }: Match): boolean {
  return pieces.every((piece) => piece.theirs === piece.ours && piece.theirsSize === piece.oursSize);
}
