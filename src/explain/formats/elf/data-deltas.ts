import { isUtf8 } from 'node:buffer';
import { isProducer, producerParts } from '../../../format/dwarf.ts';
import { isLoaded } from '../../../format/elf.ts';
import type { Delta } from '../../types.ts';
import type { Piece } from './align.ts';
import { compareData, type DataContext, debugWords, loadedWords } from './data.ts';
import { sectionDelta } from './deltas.ts';
import type { SectionMatch } from './matches.ts';

/** Strings that differ, other data that does, and addresses that were moved. */
export function dataDeltas(match: SectionMatch, context: DataContext): Delta[] {
  if (match.equal) return [];
  const words = isLoaded(match.ours) ? loadedWords(match, context) : debugWords(match, context);
  const parts: Found[] = [];
  for (const piece of match.pieces) {
    if (piece.theirsSize !== piece.oursSize) {
      parts.push({ ...piece, moved: false });
      continue;
    }
    for (const { at, size, moved } of compareData(match, piece, words, context)) {
      parts.push({ theirs: piece.theirs + at, theirsSize: size, ours: piece.ours + at, oursSize: size, moved });
    }
  }
  return merged(wholeStrings(match, parts, context)).flatMap((part) => told(match, part, context));
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
  const texts = [textOf(a, part.theirs, part.theirsSize), textOf(b, part.ours, part.oursSize)] as const;
  const [released, rebuilt] = texts;
  if (released === undefined || rebuilt === undefined) {
    const filler = isZero(a, part.theirs, part.theirsSize) && isZero(b, part.ours, part.oursSize);
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
function textOf(bytes: Buffer, at: number, size: number): string | undefined {
  if (size > longestText) return undefined;
  let letters = 0;
  for (let index = at; index < at + size; index++) {
    const byte = bytes[index] ?? 0;
    if (byte >= 0x20 && byte !== 0x7f) letters++;
    else if (byte !== 0 && byte !== 9 && byte !== 10 && byte !== 13) return undefined;
  }
  if (size > 0 && letters === 0) return undefined;
  if (!isUtf8(bytes.subarray(at, at + size))) return undefined;
  return bytes
    .toString('utf8', at, at + size)
    .replace(/\0+$/, '')
    .replaceAll(/\0+/g, '\0');
}

/** The compiler, and each flag that one side has. */
function producerDeltas(match: SectionMatch, part: Found, context: DataContext): Delta[] {
  const [a, b] = [context.theirs.bytes(match.theirs), context.ours.bytes(match.ours)];
  const left = tokensOf(a.toString('latin1', part.theirs, part.theirs + part.theirsSize));
  const right = tokensOf(b.toString('latin1', part.ours, part.ours + part.oursSize));
  return tokenGaps(left, right).map((gap) => {
    const at = {
      theirs: part.theirs + lengthOf(left.slice(0, gap.i)),
      ours: part.ours + lengthOf(right.slice(0, gap.j)),
    };
    const [theirs, ours] = [left.slice(gap.i, gap.iEnd), right.slice(gap.j, gap.jEnd)];
    const piece = { ...at, theirsSize: lengthOf(theirs), oursSize: lengthOf(ours) };
    const field = gap.i === 0 && gap.j === 0 ? 'compiler' : 'flag';
    const texts = [theirs.join('').trim(), ours.join('').trim()] as const;
    return sectionDelta(context, match, piece, { where: `${match.name}: ${field}`, field, texts });
  });
}

function tokensOf(text: string): string[] {
  const { compiler, flags } = producerParts(text);
  return [compiler, ...flags.map((flag) => ` ${flag}`)];
}

function lengthOf(tokens: readonly string[]): number {
  return tokens.reduce((sum, token) => sum + token.length, 0);
}

interface Gap {
  readonly i: number;
  readonly iEnd: number;
  readonly j: number;
  readonly jEnd: number;
}

/** Where two lists differ; each gap is as short as the next token that both have allows. */
function tokenGaps(left: readonly string[], right: readonly string[]): Gap[] {
  const gaps: Gap[] = [];
  for (let [i, j] = [0, 0]; i < left.length || j < right.length;) {
    if (left[i] === right[j]) {
      i++;
      j++;
      continue;
    }
    const next = nextCommon(left, i, right, j);
    gaps.push({ i, iEnd: next.i, j, jEnd: next.j });
    [i, j] = [next.i, next.j];
  }
  return gaps;
}

function nextCommon(left: readonly string[], i: number, right: readonly string[], j: number): { i: number; j: number } {
  let best = { i: left.length, j: right.length };
  for (let x = i; x < left.length && x - i < 200; x++) {
    const y = right.indexOf(left[x] ?? '', j);
    if (y !== -1 && x - i + y - j < best.i - i + best.j - j) best = { i: x, j: y };
  }
  return best;
}
