/** Headers of PE32 and PE32+ files (Microsoft PE and COFF specification). */
import type { View } from '../platform/view.ts';
import { type Fields, fieldsOf } from './fields.ts';

export interface PeSection {
  readonly name: string;
  readonly virtualSize: number;
  readonly virtualAddress: number;
  readonly rawSize: number;
  readonly rawAt: number;
  readonly characteristics: number;
}

export interface PeDirectory {
  /** A virtual address; of the security directory, an offset. */
  readonly address: number;
  readonly size: number;
}

export interface PeHeaders {
  readonly peAt: number;
  readonly machine: number;
  readonly timeStamp: number;
  readonly symbols: { readonly at: number; readonly count: number };
  readonly optional: { readonly at: number; readonly size: number; readonly plus: boolean };
  readonly directoriesAt: number;
  readonly directories: readonly PeDirectory[];
  readonly headersSize: number;
  readonly checksumAt: number;
  readonly checksum: number;
  readonly sectionsAt: number;
  readonly sections: readonly PeSection[];
}

export const peDirectoryNames = [
  'export',
  'import',
  'resource',
  'exception',
  'security',
  'relocation',
  'debug',
  'architecture',
  'global pointer',
  'tls',
  'load config',
  'bound import',
  'import address',
  'delay import',
  'clr',
  'reserved',
] as const;

const optionalMagic = { pe32: 0x10b, plus: 0x20b };
const sectionSize = 40;

export function isPe(view: View): boolean {
  if (view.size < 64 || view.read(0, 2).toString('latin1') !== 'MZ') return false;
  const at = view.read(60, 4).readUInt32LE();
  return at + 4 <= view.size && view.read(at, 4).toString('latin1') === 'PE\0\0';
}

/** @throws SamesourceError `archive-unsafe` */
export function peHeaders(view: View): PeHeaders {
  const file = fieldsOf('pe', view, 'little');
  const peAt = file.u32(60);
  if (peAt < 64) throw file.unsafe(`the header at ${peAt} lies over that of DOS`);
  const coff = peAt + 4;
  const optional = { at: coff + 20, size: file.u16(coff + 16) };
  const magic = file.u16(optional.at);
  const plus = magic === optionalMagic.plus;
  if (!plus && magic !== optionalMagic.pe32) throw file.unsafe(`an optional header of kind ${magic}`);
  const directoriesAt = optional.at + (plus ? 112 : 96);
  const sectionsAt = optional.at + optional.size;
  const count = file.u32(directoriesAt - 4);
  if (directoriesAt + count * 8 > sectionsAt) throw file.unsafe(`${count} directories do not fit the optional header`);
  if (count > peDirectoryNames.length) throw file.unsafe(`${count} directories`);
  const symbols = { at: file.u32(coff + 8), count: file.u32(coff + 12) };
  const sections = readSections(file, sectionsAt, file.u16(coff + 2), symbols);
  requireOneReading(file, sections, file.u32(optional.at + 32));
  return {
    peAt,
    machine: file.u16(coff),
    timeStamp: file.u32(coff + 4),
    symbols,
    optional: { ...optional, plus },
    directoriesAt,
    directories: Array.from({ length: count }, (_, index) => ({
      address: file.u32(directoriesAt + index * 8),
      size: file.u32(directoriesAt + index * 8 + 4),
    })),
    headersSize: file.u32(optional.at + 60),
    checksumAt: optional.at + 64,
    checksum: file.u32(optional.at + 64),
    sectionsAt,
    sections,
  };
}

function readSections(file: Fields, at: number, count: number, symbols: PeHeaders['symbols']): PeSection[] {
  const strings = symbols.at === 0 ? undefined : symbols.at + symbols.count * 18;
  return Array.from({ length: count }, (_, index) => {
    const header = at + index * sectionSize;
    const rawSize = file.u32(header + 16);
    return {
      name: sectionName(file, header, strings),
      virtualSize: file.u32(header + 8),
      virtualAddress: file.u32(header + 12),
      rawSize,
      rawAt: file.u32(header + 20),
      characteristics: file.u32(header + 36),
    };
  });
}

/** `/4` is a name in the string table. */
function sectionName(file: Fields, at: number, strings: number | undefined): string {
  const name = file.name(at, 8);
  const offset = /^\/([0-9]{1,7})$/.exec(name)?.[1];
  if (offset === undefined || strings === undefined) return name;
  return file.name(strings + Number(offset), 100);
}

const page = 4096;

/** Windows rounds a section's offset down to 512, and wants sections in the order of their addresses. */
function requireOneReading(file: Fields, sections: readonly PeSection[], alignment: number): void {
  let end = 0;
  for (const { name, virtualAddress, virtualSize, rawSize, rawAt } of sections) {
    if (alignment >= page && rawSize > 0 && rawAt % 512 !== 0) {
      throw file.unsafe(`the section ${name} at ${rawAt}, which a loader may round down`);
    }
    if (virtualAddress < end) throw file.unsafe(`the section ${name} lies in memory over the one before`);
    end = virtualAddress + Math.max(virtualSize === 0 ? rawSize : virtualSize, 1);
  }
}

/** Where a virtual address lies in the file; nothing if it does not. */
export function offsetOf({ sections, headersSize }: PeHeaders, address: number): number | undefined {
  if (address < headersSize) return address;
  const section = sections.find(
    ({ virtualAddress, rawSize }) => address >= virtualAddress && address < virtualAddress + rawSize,
  );
  return section === undefined ? undefined : section.rawAt + address - section.virtualAddress;
}

/** The end of what the headers speak of, but for the certificates. */
export function endOfImage(view: View, { headersSize, sections, symbols }: PeHeaders): number {
  const file = fieldsOf('pe', view, 'little');
  const ends = sections.map(({ rawAt, rawSize }) => (rawSize === 0 ? 0 : rawAt + rawSize));
  const strings = symbols.at === 0 ? 0 : symbols.at + symbols.count * 18;
  return ends.reduce((a, b) => Math.max(a, b), Math.max(headersSize, strings === 0 ? 0 : strings + file.u32(strings)));
}

/** The checksum that a file should have: 16-bit words, carries added back, and the size. */
export function peChecksum(view: View, checksumAt: number): number {
  let sum = 0;
  const piece = 1024 * 1024;
  for (let at = 0; at < view.size; at += piece) {
    const bytes = view.read(at, Math.min(piece, view.size - at));
    const even = bytes.length & ~1;
    let part = 0;
    for (let index = 0; index < even; index += 2) part += (bytes[index] ?? 0) | ((bytes[index + 1] ?? 0) << 8);
    if (even < bytes.length) part += bytes[even] ?? 0;
    sum = folded(sum + part);
  }
  // The field itself counts as zero. It may stand at an odd offset.
  for (const [index, byte] of view.read(checksumAt, 4).entries()) {
    sum = folded(sum + 0xffff - (byte << ((checksumAt + index) % 2 === 0 ? 0 : 8)));
  }
  return (folded(sum) + view.size) >>> 0;
}

function folded(sum: number): number {
  let left = sum;
  while (left > 0xffff) left = (left % 0x10000) + Math.floor(left / 0x10000);
  return left;
}
