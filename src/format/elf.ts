/** Reads the headers of ELF files (System V ABI, chapters 4 and 5), and refuses those that do not hold together. */
import { SamesourceError } from '../model/error.ts';
import type { View } from '../platform/view.ts';

export interface ElfSection {
  readonly index: number;
  /** Untrusted, at most 200 characters. */
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  /** Offset in the file, bytes; meaningless for sections without bytes. */
  readonly at: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly align: number;
  readonly entrySize: number;
}

export interface ElfSegment {
  readonly type: number;
  readonly flags: number;
  readonly at: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
}

interface Table {
  readonly at: number;
  readonly count: number;
  /** Bytes of one entry. */
  readonly entry: number;
}

export interface Elf {
  readonly bits: 32 | 64;
  readonly little: boolean;
  readonly type: number;
  readonly machine: number;
  readonly entry: number;
  readonly headerSize: number;
  readonly segmentTable: Table;
  readonly sectionTable: Table;
  readonly segments: readonly ElfSegment[];
  readonly sections: readonly ElfSection[];
}

export const sectionTypes = {
  none: 0,
  bits: 1,
  symbols: 2,
  strings: 3,
  rela: 4,
  dynamic: 6,
  note: 7,
  noBits: 8,
  rel: 9,
  dynamicSymbols: 11,
} as const;

export const sectionFlags = { write: 1, alloc: 2, execute: 4, strings: 0x20, compressed: 0x800 } as const;

export const fileTypes = { relocatable: 1, executable: 2, shared: 3, core: 4 } as const;

export const machines = { x86: 3, arm: 40, x64: 62, arm64: 183, riscv: 243 } as const;

/** A number in the byte order of a file. */
export interface Numbers {
  readonly u16: (bytes: Buffer, at: number) => number;
  readonly u32: (bytes: Buffer, at: number) => number;
  /** A size or an offset. @throws SamesourceError if it is not exact as a number */
  readonly size: (bytes: Buffer, at: number) => number;
  /** An address, below zero if all of its 12 highest bits are set; NaN if these are not all alike. */
  readonly address: (bytes: Buffer, at: number) => number;
}

/** @param word bytes of an address */
export function numbersOf(little: boolean, word: 4 | 8): Numbers {
  const u16 = (bytes: Buffer, at: number): number => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (bytes: Buffer, at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  if (word === 4) return { u16, u32, size: u32, address: u32 };
  const halves = (bytes: Buffer, at: number): [low: number, high: number] => {
    return little ? [u32(bytes, at), u32(bytes, at + 4)] : [u32(bytes, at + 4), u32(bytes, at)];
  };
  return {
    u16,
    u32,
    size(bytes, at) {
      const [low, high] = halves(bytes, at);
      if (high >= 2 ** 21) throw damaged('a size or an offset beyond any file');
      return high * 2 ** 32 + low;
    },
    address(bytes, at) {
      const [low, high] = halves(bytes, at);
      return wholeAddress(low, high);
    },
  };
}

/** Exact as a number: real addresses are a sign and at most 52 bits. */
export function wholeAddress(low: number, high: number): number {
  if (high < 2 ** 20) return high * 2 ** 32 + low;
  return high >= 2 ** 32 - 2 ** 20 ? (high - 2 ** 32) * 2 ** 32 + low : Number.NaN;
}

/** In the order and width of the file. */
export function elfNumbers({ bits, little }: Pick<Elf, 'bits' | 'little'>): Numbers {
  return numbersOf(little, bits === 64 ? 8 : 4);
}

export function isElf(view: View): boolean {
  return view.size >= 16 && view.read(0, 4).toString('latin1') === '\x7fELF';
}

/** Of tables with more entries than this, nobody knows a use. */
const mostEntries = 1_000_000;

/** @throws SamesourceError `archive-unsafe` */
export function readElf(view: View): Elf {
  const { bits, little } = identOf(view);
  const wide = bits === 64;
  const headerSize = wide ? 64 : 52;
  if (view.size < headerSize) throw damaged('the header breaks off');
  const header = view.read(0, headerSize);
  const { u16, u32, size, address } = elfNumbers({ bits, little });
  const tail = wide ? 48 : 36;
  if (u32(header, 20) !== 1) throw damaged(`version ${u32(header, 20)}`);
  if (u16(header, tail + 4) !== headerSize) throw damaged(`a header of ${u16(header, tail + 4)} bytes`);
  const base = { bits, little, type: u16(header, 16), machine: u16(header, 18), headerSize } as const;
  const first = firstSection(view, base, size(header, wide ? 40 : 32), u16(header, tail + 10));
  const counts = [u16(header, tail + 8), u16(header, tail + 12), u16(header, tail + 14)] as const;
  const segmentTable = {
    at: size(header, wide ? 32 : 28),
    // PN_XNUM, SHN_UNDEF and SHN_XINDEX: the number stands in the first section header.
    count: counts[0] === 0xffff ? (first?.info ?? 0) : counts[0],
    entry: u16(header, tail + 6),
  };
  const sectionTable = {
    at: size(header, wide ? 40 : 32),
    count: counts[1] === 0 ? (first?.size ?? 0) : counts[1],
    entry: u16(header, tail + 10),
  };
  requireTable(view, segmentTable, wide ? 56 : 32, 'program headers');
  requireTable(view, sectionTable, wide ? 64 : 40, 'section headers');
  const names = counts[2] === 0xffff ? (first?.link ?? 0) : counts[2];
  const elf = { ...base, entry: address(header, 24), segmentTable, sectionTable };
  return { ...elf, segments: readSegments(view, elf), sections: readSections(view, elf, names) };
}

function identOf(view: View): { readonly bits: 32 | 64; readonly little: boolean } {
  if (view.size < 20) throw damaged('the header breaks off');
  const [kind, order, version] = view.read(4, 3);
  if (kind !== 1 && kind !== 2) throw damaged(`class ${kind}`);
  if (order !== 1 && order !== 2) throw damaged(`byte order ${order}`);
  if (version !== 1) throw damaged(`version ${version}`);
  return { bits: kind === 2 ? 64 : 32, little: order === 1 };
}

type Start = Pick<Elf, 'bits' | 'little'>;

function firstSection(view: View, elf: Start, at: number, entry: number): ElfSection | undefined {
  const least = elf.bits === 64 ? 64 : 40;
  if (at === 0 || entry !== least || at + entry > view.size) return undefined;
  return sectionAt(view.read(at, entry), elf, 0);
}

function requireTable(view: View, table: Table, entry: number, what: string): void {
  if (table.count === 0) {
    if (table.at !== 0 && table.at > view.size) throw damaged(`${what} at ${table.at} of ${view.size}`);
    return;
  }
  if (table.entry !== entry) throw damaged(`${what} of ${table.entry} bytes`);
  if (table.count > mostEntries) throw damaged(`${table.count} ${what}`);
  if (table.at + table.count * entry > view.size) throw damaged(`${what} at ${table.at} of ${view.size}`);
}

function readSegments(view: View, elf: Start & { readonly segmentTable: Table }): ElfSegment[] {
  const { at, count, entry } = elf.segmentTable;
  const { u32, size, address } = elfNumbers(elf);
  const wide = elf.bits === 64;
  return Array.from({ length: count }, (_, index) => {
    const bytes = view.read(at + index * entry, entry);
    const segment = {
      type: u32(bytes, 0),
      flags: u32(bytes, wide ? 4 : 24),
      at: size(bytes, wide ? 8 : 4),
      address: address(bytes, wide ? 16 : 8),
      fileSize: size(bytes, wide ? 32 : 16),
      memorySize: address(bytes, wide ? 40 : 20),
    };
    if (segment.fileSize > 0 && segment.at + segment.fileSize > view.size) {
      throw damaged(`segment ${index} ends at ${segment.at + segment.fileSize} of ${view.size}`);
    }
    return segment;
  });
}

function readSections(view: View, elf: Start & { readonly sectionTable: Table }, names: number): ElfSection[] {
  const { at, count, entry } = elf.sectionTable;
  const raw = Array.from({ length: count }, (_, index) => {
    const section = sectionAt(view.read(at + index * entry, entry), elf, index);
    if (hasBytes(section) && section.at + section.size > view.size) {
      throw damaged(`section ${index} ends at ${section.at + section.size} of ${view.size}`);
    }
    return section;
  });
  if (count > 0 && names >= count) throw damaged(`names of sections in section ${names} of ${count}`);
  const table = raw[names];
  const nameAt = (offset: number): string => (table === undefined ? '' : stringAt(view, table, offset));
  const { u32 } = elfNumbers(elf);
  return raw.map((section, index) => ({ ...section, name: nameAt(u32(view.read(at + index * entry, 4), 0)) }));
}

function sectionAt(bytes: Buffer, elf: Start, index: number): ElfSection {
  const { u32, size, address } = elfNumbers(elf);
  const wide = elf.bits === 64;
  return {
    index,
    name: '',
    type: u32(bytes, 4),
    flags: address(bytes, 8),
    address: address(bytes, wide ? 16 : 12),
    at: size(bytes, wide ? 24 : 16),
    size: size(bytes, wide ? 32 : 20),
    link: u32(bytes, wide ? 40 : 24),
    info: u32(bytes, wide ? 44 : 28),
    align: address(bytes, wide ? 48 : 32),
    entrySize: address(bytes, wide ? 56 : 36),
  };
}

/** Whether a section takes bytes of the file. */
export function hasBytes({ index, type, size }: ElfSection): boolean {
  return index > 0 && type !== sectionTypes.none && type !== sectionTypes.noBits && size > 0;
}

/** Whether a section is in memory when the program runs. */
export function isLoaded({ flags }: ElfSection): boolean {
  return Math.floor(flags / sectionFlags.alloc) % 2 === 1;
}

export function isCode({ flags }: ElfSection): boolean {
  return Math.floor(flags / sectionFlags.execute) % 2 === 1;
}

const longest = 200;

/** The string at an offset of a string table, of bounded length; empty beyond its end. */
export function stringAt(view: View, table: ElfSection, offset: number): string {
  if (!hasBytes(table) || offset >= table.size) return '';
  const bytes = view.read(table.at + offset, Math.min(longest, table.size - offset));
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end === -1 ? bytes.length : end);
}

function damaged(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `elf: ${what}`);
}
