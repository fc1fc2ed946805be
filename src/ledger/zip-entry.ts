/** One entry of a zip archive: its two headers, which must say the same. APPNOTE 4.3.7, 4.3.9 and 4.3.12. */
import { isUtf8 } from 'node:buffer';
import { SamesourceError } from '../model/error.ts';
import type { ZipEnd } from '../format/zip-end.ts';
import type { View } from '../platform/view.ts';
import { unsafe } from './cover.ts';
import { leniently } from './member-key.ts';
import { parseExtras, type ZipExtra } from './zip-extra.ts';

interface Header {
  readonly at: number;
  readonly size: number;
  readonly needed: number;
  readonly flags: number;
  readonly method: number;
  /** DOS date and time. */
  readonly time: number;
  readonly crc: number;
  /** Bytes packed and unpacked, as they stand in the header. */
  readonly packed: number;
  readonly unpacked: number;
  readonly name: Buffer;
  readonly extras: readonly ZipExtra[];
}

export interface LocalHeader extends Header {
  readonly extraLength: number;
}

export interface CentralHeader extends Header {
  /** The name for people and keys. */
  readonly shown: string;
  readonly madeBy: number;
  readonly internal: number;
  readonly external: number;
  readonly extraLength: number;
  readonly comment: Buffer;
  /** As zip64 has them, where it does. */
  readonly packedSize: number;
  readonly unpackedSize: number;
  readonly localAt: number;
}

export const ones = 0xffffffff;

/** In order of the central directory. @throws SamesourceError `archive-unsafe`, `unsupported` */
export function* centralHeaders(view: View, end: ZipEnd): Generator<CentralHeader> {
  const limit = end.directoryAt + end.directorySize;
  let at = end.directoryAt;
  for (let count = 0; count < end.entries; count++) {
    const header = readCentral(view, at, limit);
    yield header;
    at += header.size;
  }
  if (at !== limit) throw unsafe('zip', `${limit - at} bytes after the last central header, at ${at}`);
}

function readCentral(view: View, at: number, limit: number): CentralHeader {
  if (at + 46 > limit) throw unsafe('zip', `the central directory breaks off at ${at}`);
  const fixed = view.read(at, 46);
  if (fixed.toString('latin1', 0, 4) !== 'PK\x01\x02') throw unsafe('zip', `no central header at ${at}`);
  const [nameLength = 0, extraLength = 0, commentLength = 0] = [28, 30, 32].map((offset) => fixed.readUInt16LE(offset));
  const size = 46 + nameLength + extraLength + commentLength;
  if (at + size > limit) throw unsafe('zip', `the central directory breaks off at ${at}`);
  const rest = view.read(at + 46, size - 46);
  const name = rest.subarray(0, nameLength);
  const shown = leniently(name);
  const header = {
    ...fieldsAt(fixed, 6),
    at,
    size,
    name,
    shown,
    extraLength,
    extras: parseExtras(rest.subarray(nameLength, nameLength + extraLength), name, shown),
    madeBy: fixed.readUInt16LE(4),
    internal: fixed.readUInt16LE(36),
    external: fixed.readUInt32LE(38),
    comment: rest.subarray(nameLength + extraLength),
  };
  requireReadable(header, fixed.readUInt16LE(34));
  const [unpackedSize = 0, packedSize = 0, localAt = 0] = wideSizes(header, [
    header.unpacked,
    header.packed,
    fixed.readUInt32LE(42),
  ]);
  return { ...header, unpackedSize, packedSize, localAt };
}

/** The fields that both headers have, in one order. */
function fieldsAt(fixed: Buffer, at: number): Omit<Header, 'at' | 'size' | 'name' | 'extras'> {
  return {
    needed: fixed.readUInt16LE(at),
    flags: fixed.readUInt16LE(at + 2),
    method: fixed.readUInt16LE(at + 4),
    time: fixed.readUInt32LE(at + 6),
    crc: fixed.readUInt32LE(at + 10),
    packed: fixed.readUInt32LE(at + 14),
    unpacked: fixed.readUInt32LE(at + 18),
  };
}

function requireReadable(header: Header & { readonly shown: string }, disk: number): void {
  const { flags, method, shown, name } = header;
  if (disk !== 0) throw unsafe('zip', 'an archive in several parts');
  if (name.length === 0) throw unsafe('zip', `an entry without a name at ${header.at}`);
  // 4.4.4: encrypted, patched, strongly encrypted, masked headers.
  if ((flags & 0x2061) !== 0) throw new SamesourceError('unsupported', `zip: ${shown}: encrypted, or a patch`);
  if (method !== 0 && method !== 8) {
    throw new SamesourceError('unsupported', `zip: ${shown}: compression method ${method}`);
  }
  if ((flags & 0x800) !== 0 && !isUtf8(name)) throw unsafe('zip', `${shown}: a name that should be UTF-8`);
}

/** 4.5.3: the record has those values, in this order, whose fields are all ones. */
function wideSizes({ extras, shown }: Pick<CentralHeader, 'extras' | 'shown'>, values: readonly number[]): number[] {
  const data = extras.find(({ id }) => id === 1)?.data;
  const wanted = values.filter((value) => value === ones).length;
  if ((data?.length ?? 0) !== 8 * wanted) throw unsafe('zip', `${shown}: zip64 sizes that do not fit`);
  let next = 0;
  return values.map((value) => {
    if (value !== ones || data === undefined) return value;
    const wide = Number(data.readBigUInt64LE(8 * next++));
    if (!Number.isSafeInteger(wide)) throw unsafe('zip', `${shown}: a size of ${wide}`);
    return wide;
  });
}

/** 4.4.4, bit 3: sizes stand behind the data. */
export function hasDescriptor({ flags }: Header): boolean {
  return (flags & 8) !== 0;
}

/** @throws SamesourceError `archive-unsafe` unless it says what the central header says */
export function readLocal(view: View, central: CentralHeader, limit: number): LocalHeader {
  const { localAt: at, shown } = central;
  if (at + 30 > limit) throw unsafe('zip', `${shown}: no local header at ${at}`);
  const fixed = view.read(at, 30);
  if (fixed.toString('latin1', 0, 4) !== 'PK\x03\x04') throw unsafe('zip', `${shown}: no local header at ${at}`);
  const [nameLength = 0, extraLength = 0] = [26, 28].map((offset) => fixed.readUInt16LE(offset));
  const size = 30 + nameLength + extraLength;
  if (at + size > limit) throw unsafe('zip', `${shown} breaks off`);
  const rest = view.read(at + 30, size - 30);
  const name = rest.subarray(0, nameLength);
  const extras = parseExtras(rest.subarray(nameLength), name, shown);
  const local = { ...fieldsAt(fixed, 4), at, size, name, extras, extraLength };
  requireSame(central, local);
  return local;
}

function requireSame(central: CentralHeader, local: LocalHeader): void {
  const differs = (what: string): SamesourceError =>
    unsafe('zip', `${central.shown}: its two headers differ in ${what}`);
  if (!local.name.equals(central.name)) throw differs('the name');
  if (local.flags !== central.flags) throw differs('the flags');
  if (local.method !== central.method) throw differs('the method');
  if (local.time !== central.time) throw differs('the time');
  const [unpacked, packed] = wideLocal(local, central.shown);
  const late = hasDescriptor(central);
  const same = (value: number | undefined, other: number): boolean => value === other || (late && value === 0);
  if (!same(local.crc, central.crc)) throw differs('the check sum');
  if (!same(unpacked, central.unpackedSize) || !same(packed, central.packedSize)) throw differs('the sizes');
}

/** 4.5.3: here both sizes or none. */
function wideLocal(local: LocalHeader, shown: string): readonly [unpacked: number, packed: number] {
  const data = local.extras.find(({ id }) => id === 1)?.data;
  if (data === undefined && local.unpacked !== ones && local.packed !== ones) return [local.unpacked, local.packed];
  if (data?.length !== 16 || local.unpacked !== ones || local.packed !== ones) {
    throw unsafe('zip', `${shown}: zip64 sizes that do not fit`);
  }
  return [Number(data.readBigUInt64LE(0)), Number(data.readBigUInt64LE(8))];
}

/**
 * The length of the data descriptor behind the data. Its four spellings differ in length; what follows says
 * how long it is, but for the last entry, which a signing block may follow.
 * @param limit where the next entry begins, or what comes after the last
 * @throws SamesourceError `archive-unsafe` unless it says what the headers say
 */
export function descriptorSize(view: View, central: CentralHeader, at: number, limit: number, last: boolean): number {
  const fits = (size: number): boolean => at + size <= limit && isDescriptor(view, central, at, size);
  const size = last ? [24, 16, 20, 12].find(fits) : limit - at;
  if (size !== undefined && ![12, 16, 20, 24].includes(size)) {
    throw unsafe('zip', `${size} bytes at ${at} that belong to nothing`);
  }
  if (size === undefined || !fits(size)) {
    throw unsafe('zip', `${central.shown}: its data descriptor differs from its header`);
  }
  return size;
}

function isDescriptor(view: View, central: CentralHeader, at: number, size: number): boolean {
  const bytes = view.read(at, size);
  const signed = bytes.toString('latin1', 0, 4) === 'PK\x07\x08';
  // 4.3.9.3: without the signature a check sum that looks like it would be read in two ways.
  if (signed !== isSigned(size)) return false;
  const start = signed ? 4 : 0;
  const wide = size >= 20;
  const sizes = wide
    ? [bytes.readBigUInt64LE(start + 4), bytes.readBigUInt64LE(start + 12)]
    : [bytes.readUInt32LE(start + 4), bytes.readUInt32LE(start + 8)];
  const expected = [central.packedSize, central.unpackedSize];
  return bytes.readUInt32LE(start) === central.crc && sizes.every((value, index) => Number(value) === expected[index]);
}

/** 12 and 20 bytes have none. */
function isSigned(size: number): boolean {
  return size === 16 || size === 24;
}
