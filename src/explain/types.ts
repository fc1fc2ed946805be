/**
 * Why two files differ.
 *
 * The difference of a pair is a list of deltas: all places where the two covers are not equal. A cause
 * is one file with a finder, chosen by what it claims: it is asked in the order of the table in
 * `causes/index.ts`, takes the deltas that it accounts for, and says whether it proved that by
 * computing the released bytes from the rebuilt ones. What no cause takes stays unexplained.
 */
import type { Certainty, CauseKind, Evidence } from '../model/difference.ts';
import type { SamesourceError } from '../model/error.ts';
import type { FormatName, RegionClass } from '../model/region.ts';
import type { Reading, Workshop } from '../ledger/types.ts';
import type { View } from '../platform/view.ts';

export interface Side {
  readonly view: View;
  readonly reading: Reading;
}

/** Bytes `[at, at + size)` of a side's view. */
export interface Span {
  readonly at: number;
  readonly size: number;
  /** What stands there, as a person would read it. */
  readonly text?: string;
}

/** One place where the two sides differ. */
export interface Delta {
  /** `usr/bin/tree: mtime`, `.rodata "built on"`, `main()`. */
  readonly where: string;
  /** The region's field, the same for all entries: `mtime`. */
  readonly field: string;
  readonly class: RegionClass;
  readonly member?: string;
  /** Absent where the other side alone has it. */
  readonly released?: Span;
  readonly rebuilt?: Span;
  /** How much it weighs: unequal bytes, or the larger size where the two cannot be laid side by side. */
  readonly bytes: number;
}

export interface Pair {
  /** Path of the file inside the artifact; empty for the artifact itself. */
  readonly path: string;
  readonly format: FormatName;
  readonly released: Side;
  readonly rebuilt: Side;
  readonly deltas: readonly Delta[];
  /** Whether files inside it differ too; what follows from them is `derived` here. */
  readonly inner: boolean;
  /** Why it was not read as what it seems to be; then `format` is `binary`. */
  readonly note?: string;
  /** Set if that is because it is damaged, or can be read in two ways. */
  readonly refused?: string;
  /** Hex digests of files that differ, to their paths, of each side: for files that list digests. */
  readonly digests: { readonly released: ReadonlyMap<string, string>; readonly rebuilt: ReadonlyMap<string, string> };
  readonly workshop: Workshop;
}

/** What a cause accounts for in one pair. */
export interface Account {
  /** Some of the deltas that were offered, the same objects. */
  readonly claims: readonly Delta[];
  /** `proved` only if each claimed delta's released bytes were computed from the rebuilt ones. */
  readonly certainty: Certainty;
  readonly summary: string;
  /** Without it, the claims themselves are shown. */
  readonly evidence?: readonly Evidence[];
  readonly fix?: string;
}

export interface CauseFinder {
  /** Formats it looks at; all if absent. */
  readonly formats?: readonly FormatName[];
  /** `open`: the deltas that no cause before it has taken, at least one. */
  find(pair: Pair, open: readonly Delta[]): readonly Account[] | Promise<readonly Account[]>;
}

export type CauseTable = Partial<Record<CauseKind, CauseFinder>>;

/** Lists the deltas of two readings of one format, finer than region by region. */
export type Differ = (released: Side, rebuilt: Side) => readonly Delta[] | Promise<readonly Delta[]>;

/** A file that both sides have and that differs, with what differs inside it. */
export interface Node {
  readonly path: string;
  readonly format: FormatName;
  readonly released: Side;
  readonly rebuilt: Side;
  readonly deltas: readonly Delta[];
  readonly inner: readonly Node[];
  /** Why it was not read as what it seems to be. */
  readonly note?: string;
  /** If it can be read in two ways, or is damaged, and is of a format that must not be. */
  readonly refusal?: SamesourceError;
}

/** A cause that was found in one file. */
export interface Found extends Account {
  readonly kind: CauseKind;
}

/** A file with its causes; of its deltas, those that follow from others are left out. */
export interface Accounted {
  readonly node: Node;
  readonly deltas: readonly Delta[];
  readonly found: readonly Found[];
  readonly inner: readonly Accounted[];
  /** Bytes of this file alone that no cause explains. */
  readonly unexplained: number;
}
