/** The regions of a byte ledger. */

/**
 * What a region is for:
 * - `structure`: says how the rest is to be read (magic, type, version, flags)
 * - `metadata`: said about the content and not needed to read it (times, owners, modes, names, comments)
 * - `content`: what the file is there for: an entry's data, code, text
 * - `derived`: follows from other regions, and the reader checked that it does (checksums, sizes, offsets)
 * - `padding`: without meaning, and checked to be what the format prescribes, as a rule zero
 * - `signature`: a signature with its certificates
 * - `debug`: for debuggers only; nothing that runs reads it
 * - `overlay`: after the end of a program, which its loader does not read but the program itself may
 * - `opaque`: bytes that this reader has no name for
 */
export const regionClasses = [
  'structure',
  'metadata',
  'content',
  'derived',
  'padding',
  'signature',
  'debug',
  'overlay',
  'opaque',
] as const;
export type RegionClass = (typeof regionClasses)[number];

export interface Region {
  /** Offset from the start of the file, bytes. */
  readonly at: number;
  /** Bytes, more than 0. */
  readonly size: number;
  readonly class: RegionClass;
  /** One within its ledger, e.g. `usr/bin/tree: mtime`. Untrusted where it holds names from the file. */
  readonly name: string;
  /** The field's last part, the same for all entries: `mtime`. What causes go by. */
  readonly field: string;
  /** The member that the region belongs to, by its key. */
  readonly member?: string;
  /** What the bytes mean, as a person would read it. */
  readonly value?: string;
}

/** The formats that have a ledger of their own. */
export const formatNames = [
  'tar',
  'gzip',
  'zip',
  'ar',
  'xz',
  'zstd',
  'bzip2',
  'elf',
  'pe',
  'mach-o',
  'mach-o-fat',
  'wasm',
  'pyc',
  'java-class',
  'png',
  'sqlite',
  'text',
  'binary',
] as const;
export type FormatName = (typeof formatNames)[number] | 'directory';
