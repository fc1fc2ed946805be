import { displaced } from '../displaced.ts';
import type { Delta, Differ, Side, Span } from '../types.ts';
import { clipped } from '../../ledger/layout.ts';

/** Line by line where as many lines stand against each other, else hunk by hunk. */
export const text: Differ = (released, rebuilt) => {
  const [theirs, ours] = [linesIn(released), linesIn(rebuilt)];
  const names = new Map<string, number>();
  const [a, b] = [named(theirs.lines, names), named(ours.lines, names)];
  const hunks = bounded(hunksBetween({ a, b }, { a0: 0, a1: a.length, b0: 0, b1: b.length }, 0));
  return hunks.map((hunk) => deltaOf(hunk, theirs, ours));
};

interface Lines {
  readonly bytes: Buffer;
  /** Each with its end, as Latin-1: one character is one byte. */
  readonly lines: readonly string[];
  /** Offset of each, and of the end. */
  readonly offsets: readonly number[];
}

function linesIn({ view }: Side): Lines {
  const bytes = view.read(0, view.size);
  const lines = bytes.toString('latin1').split(/(?<=\n)/);
  if (bytes.length === 0) lines.length = 0;
  const offsets = [0];
  for (const line of lines) offsets.push((offsets.at(-1) ?? 0) + line.length);
  return { bytes, lines, offsets };
}

/** Equal lines get equal numbers. */
function named(lines: readonly string[], names: Map<string, number>): Int32Array {
  return Int32Array.from(lines, (line) => {
    const name = names.get(line) ?? names.size;
    names.set(line, name);
    return name;
  });
}

/** Lines `[a0, a1)` instead of lines `[b0, b1)`. */
interface Hunk {
  readonly a0: number;
  readonly a1: number;
  readonly b0: number;
  readonly b1: number;
}

interface Both {
  readonly a: Int32Array;
  readonly b: Int32Array;
}

/** Each level reads what is left once. */
const deepest = 24;

/** Lines that stand once on each side, in the same order, divide what lies between them. */
function hunksBetween(both: Both, outer: Hunk, depth: number): Hunk[] {
  const hunk = trimmed(both, outer);
  const { a0, a1, b0, b1 } = hunk;
  if (a0 === a1 && b0 === b1) return [];
  if (a0 === a1 || b0 === b1) return [hunk];
  const anchors = depth < deepest ? anchorsIn(both, hunk) : [];
  if (anchors.length === 0) return lineByLine(both, hunk);
  const hunks: Hunk[] = [];
  let [a, b] = [a0, b0];
  for (const [nextA, nextB] of [...anchors, [a1, b1] as const]) {
    for (const one of hunksBetween(both, { a0: a, a1: nextA, b0: b, b1: nextB }, depth + 1)) hunks.push(one);
    [a, b] = [nextA + 1, nextB + 1];
  }
  return hunks;
}

function trimmed({ a, b }: Both, { a0, a1, b0, b1 }: Hunk): Hunk {
  let start = 0;
  while (a0 + start < a1 && b0 + start < b1 && a[a0 + start] === b[b0 + start]) start += 1;
  let end = 0;
  while (a1 - end > a0 + start && b1 - end > b0 + start && a[a1 - end - 1] === b[b1 - end - 1]) end += 1;
  return { a0: a0 + start, a1: a1 - end, b0: b0 + start, b1: b1 - end };
}

function anchorsIn({ a, b }: Both, { a0, a1, b0, b1 }: Hunk): (readonly [number, number])[] {
  const [left, right] = [onceIn(a, a0, a1), onceIn(b, b0, b1)];
  const pairs = [...left].flatMap(([line, at]) => {
    const other = right.get(line);
    return other === undefined ? [] : [[at, other] as const];
  });
  const moved = new Set(displaced(pairs.map(([, other]) => other)));
  return pairs.filter((_, index) => !moved.has(index));
}

/** Lines that stand there once, in order. */
function onceIn(lines: Int32Array, from: number, to: number): Map<number, number> {
  const places = new Map<number, number>();
  const again = new Set<number>();
  for (let at = from; at < to; at++) {
    const line = lines[at] ?? 0;
    if (places.has(line)) again.add(line);
    else places.set(line, at);
  }
  for (const line of again) places.delete(line);
  return places;
}

function lineByLine({ a, b }: Both, hunk: Hunk): Hunk[] {
  const { a0, a1, b0, b1 } = hunk;
  if (a1 - a0 !== b1 - b0) return [hunk];
  const hunks: Hunk[] = [];
  for (let index = 0; index < a1 - a0; index++) {
    if (a[a0 + index] === b[b0 + index]) continue;
    hunks.push({ a0: a0 + index, a1: a0 + index + 1, b0: b0 + index, b1: b0 + index + 1 });
  }
  return hunks;
}

const mostHunks = 4096;

/** What is too much to be told one by one is told as one: from there to the last difference. */
function bounded(hunks: readonly Hunk[]): readonly Hunk[] {
  const [first, last] = [hunks[mostHunks - 1], hunks.at(-1)];
  if (hunks.length <= mostHunks || first === undefined || last === undefined) return hunks;
  return [...hunks.slice(0, mostHunks - 1), { a0: first.a0, a1: last.a1, b0: first.b0, b1: last.b1 }];
}

function deltaOf({ a0, a1, b0, b1 }: Hunk, theirs: Lines, ours: Lines): Delta {
  const [released, rebuilt] = [spanOf(theirs, a0, a1), spanOf(ours, b0, b1)];
  const where = a1 - a0 > 1 ? `lines ${a0 + 1} to ${a1}` : `line ${a0 + 1}`;
  const bytes = unequalBytes(theirs.bytes, released, ours.bytes, rebuilt);
  return { where, field: 'line', class: 'content', released, rebuilt, bytes };
}

function spanOf({ bytes, offsets }: Lines, from: number, to: number): Span {
  const at = offsets[from] ?? bytes.length;
  const size = (offsets[to] ?? bytes.length) - at;
  const shown = clipped(bytes.toString('utf8', at, at + Math.min(size, 1000)).replace(/\r?\n$/, ''));
  return { at, size, text: shown };
}

function unequalBytes(a: Buffer, left: Span, b: Buffer, right: Span): number {
  if (left.size !== right.size) return Math.max(left.size, right.size);
  let count = 0;
  for (let index = 0; index < left.size; index++) if (a[left.at + index] !== b[right.at + index]) count += 1;
  return count;
}
