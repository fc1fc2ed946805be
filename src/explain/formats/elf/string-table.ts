/** Compares sections that hold nothing but strings, whatever their order. */
import { isProducer } from '../../../format/dwarf.ts';
import { displaced } from '../../displaced.ts';
import type { Delta } from '../../types.ts';
import type { Piece } from './align.ts';
import { onlyDelta } from './deltas.ts';
import type { Images } from './deltas.ts';
import type { SectionMatch } from './matches.ts';
import { byName, type NamedPiece, type Part } from './named.ts';

const names = new Set(['.comment', '.debug_str', '.debug_line_str', '.strtab', '.dynstr', '.shstrtab']);

export function isStringTable(name: string): boolean {
  return names.has(name);
}

/** More strings are compared as bytes. */
const mostStrings = 500_000;

/** The strings of a table; a string that stands there again gets a key of its own. */
export function stringParts(bytes: Buffer): Part[] {
  const parts: Part[] = [];
  const seen = new Map<string, number>();
  for (let at = 0; at < bytes.length && parts.length < mostStrings;) {
    const zero = bytes.indexOf(0, at);
    const end = zero === -1 ? bytes.length : zero + 1;
    const text = bytes.toString('latin1', at, end);
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    parts.push({ key: `${text}\0${count}`, name: '', at, size: end - at });
    at = end;
  }
  return parts;
}

export interface StringPieces {
  /** Strings of both sides, the changed ones with what stands in their place. */
  readonly pieces: readonly Piece[];
  readonly changed: readonly Piece[];
  readonly onlyTheirs: readonly Part[];
  readonly onlyOurs: readonly Part[];
  /** Equal ones that stand elsewhere. */
  readonly moved: readonly NamedPiece[];
}

/** Strings of both tables in pairs: the same ones, then those that changed. */
export function stringPieces(theirs: Buffer, ours: Buffer): StringPieces {
  const found = byName(stringParts(theirs), stringParts(ours));
  const out = new Set(displaced(found.pairs.map((pair) => pair.theirs)));
  const moved = found.pairs.filter((_, index) => out.has(index));
  const kept = found.pairs.filter((_, index) => !out.has(index));
  const changed: Piece[] = [];
  const left = new Set(found.onlyTheirs);
  const right = new Set(found.onlyOurs);
  const pair = (a: Part | undefined, b: Part | undefined): void => {
    if (a === undefined || b === undefined) return;
    left.delete(a);
    right.delete(b);
    changed.push({ theirs: a.at, theirsSize: a.size, ours: b.at, oursSize: b.size });
  };
  // What compilers say of themselves is found wherever it stands.
  const producers = (bytes: Buffer, parts: Iterable<Part>): Part[] =>
    [...parts].filter(({ at, size }) => isProducer(bytes.toString('latin1', at, at + Math.min(size, 8))));
  const [a, b] = [producers(theirs, left), producers(ours, right)];
  for (const [index, one] of a.entries()) if (a.length === b.length) pair(one, b[index]);
  // Others by how much of their ends is alike, as paths of one file.
  if (left.size * right.size <= mostTried) {
    for (const one of found.onlyTheirs) if (left.has(one)) pair(one, nearest(theirs, one, ours, right));
  }
  // Then by the string that both have before them.
  const before = gapsOf(kept, 'theirs', [...left]);
  const after = gapsOf(kept, 'ours', [...right]);
  for (const [gap, parts] of before) {
    const others = after.get(gap) ?? [];
    if (parts.length === others.length) for (const [index, one] of parts.entries()) pair(one, others[index]);
  }
  const [rest, others] = [[...left], [...right]];
  if (rest.length === others.length && rest.length <= 8)
    for (const [index, one] of rest.entries()) pair(one, others[index]);
  const pieces = [...found.pairs, ...changed].toSorted((x, y) => x.ours - y.ours);
  return { pieces, changed, moved, onlyTheirs: [...left], onlyOurs: [...right] };
}

const mostTried = 250_000;

/** The string with the longest end in common, if that is more than a few letters. */
function nearest(theirs: Buffer, one: Part, ours: Buffer, others: Iterable<Part>): Part | undefined {
  let [best, most]: [Part | undefined, number] = [undefined, 4];
  for (const other of others) {
    const limit = Math.min(one.size, other.size, 256);
    let end = 0;
    while (end < limit && theirs[one.at + one.size - 1 - end] === ours[other.at + other.size - 1 - end]) end++;
    if (end > most) [best, most] = [other, end];
  }
  return best;
}

function gapsOf(kept: readonly NamedPiece[], side: 'theirs' | 'ours', parts: readonly Part[]): Map<number, Part[]> {
  const gaps = new Map<number, Part[]>();
  let gap = 0;
  for (const part of parts) {
    while (gap < kept.length && (kept[gap]?.[side] ?? 0) < part.at) gap++;
    const held = gaps.get(gap);
    if (held === undefined) gaps.set(gap, [part]);
    else held.push(part);
  }
  return gaps;
}

/** What is not one string for another. `told` shows those. */
export function stringDeltas(match: SectionMatch, images: Images, told: (piece: Piece) => Delta[]): Delta[] {
  const found = match.strings;
  if (found === undefined) return [];
  const where = match.name;
  const only = (side: 'released' | 'rebuilt', part: Part, kind: 'moved' | 'string'): Delta => {
    const [image, section] = side === 'released' ? [images.theirs, match.theirs] : [images.ours, match.ours];
    const text = image.bytes(section).toString('utf8', part.at, part.at + Math.min(part.size - 1, 200));
    const told = { where, field: 'string', ...(kind === 'moved' ? { class: 'derived' as const } : {}) };
    const delta = onlyDelta(side, image, section, part, told);
    return { ...delta, [side]: { at: section.at + part.at, size: part.size, text } };
  };
  const names = where === '.shstrtab' ? 'moved' : 'string';
  const used = { theirs: namesOf(images.theirs), ours: namesOf(images.ours) };
  return [
    ...found.changed.flatMap(told),
    ...found.onlyTheirs.map((part) =>
      only('released', part, isUsed(images.theirs, used.theirs, part, match.theirs.index) ? names : 'string'),
    ),
    ...found.onlyOurs.map((part) =>
      only('rebuilt', part, isUsed(images.ours, used.ours, part, match.ours.index) ? names : 'string'),
    ),
    ...found.moved.flatMap((piece) => [
      only('released', { key: '', name: '', at: piece.theirs, size: piece.theirsSize }, 'moved'),
      only('rebuilt', { key: '', name: '', at: piece.ours, size: piece.oursSize }, 'moved'),
    ]),
  ];
}

function namesOf({ byName: sections }: Images['theirs']): ReadonlySet<string> {
  return new Set([...sections.values()].map(({ name }) => name).filter((name) => name !== ''));
}

/** Whether a string of the table of sections' names is one, or ends in one; those are of 200 bytes at most. */
function isUsed(
  { elf, bytes }: Images['theirs'],
  names: ReadonlySet<string>,
  { at, size }: Part,
  index: number,
): boolean {
  const section = elf.sections[index];
  if (section === undefined) return false;
  const text = bytes(section).toString('latin1', Math.max(at, at + size - 1 - 200), at + size - 1);
  for (let start = 0; start < text.length; start++) if (names.has(text.slice(start))) return true;
  return text === '' && size === 1;
}
