import { readSymbols } from '../../../format/elf-symbols.ts';
import type { Addresses } from './addresses.ts';
import type { Image } from './image.ts';
import type { SectionMatch } from './matches.ts';

export interface TableContext {
  readonly theirs: Image;
  readonly ours: Image;
  readonly addresses: Addresses;
  readonly matches: ReadonlyMap<string, SectionMatch>;
}

/** Whether strings at two offsets of string tables are one, but for what was changed in the tables themselves. */
export function sameName(
  { theirs, ours }: TableContext,
  tables: SectionMatch | undefined,
  i: number,
  j: number,
  mapped: (offset: number) => number | undefined,
): boolean {
  if (tables === undefined) return false;
  if (mapped(j) === i) return true;
  const [a, b] = [theirs.bytes(tables.theirs), ours.bytes(tables.ours)];
  const text = textAt(a, i);
  return text !== undefined && text === textAt(b, j);
}

const longest = 8192;

/** The string that begins there; undefined outside of the table, and for one that has no end. */
export function textAt(bytes: Buffer, at: number): string | undefined {
  if (!(at >= 0 && at < bytes.length)) return undefined;
  const size = bytes.subarray(at, at + longest).indexOf(0);
  return size === -1 ? undefined : bytes.toString('latin1', at, at + size);
}

/** One entry of a table on both sides. */
export interface Entries {
  /** Bytes of one. */
  readonly size: number;
  /** What entries are paired by, where there are more on one side. */
  keys(side: 'theirs' | 'ours'): readonly string[];
  /** Whether they say the same, but for what was moved. */
  same(i: number, j: number): boolean;
  /** As a person would call it. */
  name(side: 'theirs' | 'ours', index: number): string;
}

/** The symbols that a table of relocations refers to. */
export function symbolsOf(match: SectionMatch, { theirs, ours }: TableContext): readonly [SymbolList, SymbolList] {
  const [left, right] = [theirs.elf.sections[match.theirs.link], ours.elf.sections[match.ours.link]];
  return [
    left === undefined ? [] : readSymbols(theirs.view, theirs.elf, left),
    right === undefined ? [] : readSymbols(ours.view, ours.elf, right),
  ];
}

type SymbolList = ReturnType<typeof readSymbols>;
