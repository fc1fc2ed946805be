/**
 * The byte ledger: a total cover of a file's bytes, each byte in exactly one classified region.
 *
 * A format is one file with a reader, chosen by the first bytes and collected in the table of
 * `index.ts`. A reader takes a file only if it can be read in one way: no gap, no overlap, no two
 * entries of one name, no bytes before the first or after the last structure, no padding that holds
 * anything. Otherwise it throws, and the file is refused rather than read in one of two ways.
 */
import type { FormatName, Region } from '../model/region.ts';
import type { View } from '../platform/view.ts';

/** A region that may be told in more detail: a header of many fields, in an archive of many entries. */
export interface LedgerRegion extends Region {
  /** A total cover of the region; made when it is asked for. */
  readonly parts?: () => readonly Region[];
}

/** A file inside a file. */
export interface Member {
  /**
   * One within its container, and what the two sides are matched by. As a rule the name, plain:
   * without leading `./`. A member that is a file's only content, as in gzip, has the key ''.
   */
  readonly key: string;
  readonly type: 'file' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo';
  /** What a listing would show: `mode`, `mtime`, `owner`, `names`, `link`. The reader's regions hold the same. */
  readonly fields: Readonly<Record<string, string>>;
  /** Bytes of content. */
  readonly size: number;
  /** The content region, if the member has one. */
  readonly stored?: { readonly at: number; readonly size: number };
  /** Whether `stored` holds the content as it is, and not packed. */
  readonly plain: boolean;
  /**
   * The content, unpacked.
   * @throws SamesourceError `archive-unsafe` if it is damaged, `too-large` past a limit
   */
  open(): Promise<View>;
}

export interface Reading {
  readonly format: FormatName;
  /** In order; checked by `coverOf` to leave nothing out. */
  readonly regions: readonly LedgerRegion[];
  /** In order of the file. */
  readonly members: readonly Member[];
  /** What is said of the file as a whole, e.g. `build-id`, `compiler`. For people, and for causes. */
  readonly facts: Readonly<Record<string, string>>;
}

/** Where unpacked bytes are kept, within limits that hold for a whole comparison. */
export interface Workshop {
  /** Keeps what comes; `from` is the packed size. @throws SamesourceError `too-large` past a limit */
  keep(chunks: AsyncIterable<Uint8Array>, from: number): Promise<View>;
  /** Counts members. @throws SamesourceError `too-large` past a limit */
  count(members: number): void;
}

export interface Format {
  /** Cheap, by content first; never throws. `name` is the last part of the file's path. */
  recognises(view: View, name: string): boolean;
  /**
   * @throws SamesourceError `archive-unsafe` for a file that is malformed or can be read in two ways,
   * `unsupported` for a variant that this reader does not know
   */
  read(view: View, workshop: Workshop, name: string): Promise<Reading> | Reading;
}
