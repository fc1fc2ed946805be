/**
 * The parts of a zip file that signing moves: records of entries, the central directory and its end, and
 * what stands before it. Strict: entries follow each other from the first byte, and each is said once.
 * Sections named are those of PKWARE's APPNOTE 6.3.10.
 */
import { inflateRawSync, type InflateRaw } from 'node:zlib';
import { SamesourceError } from '../../model/error.ts';
import type { View } from '../../platform/view.ts';

export interface ZipPart {
  /** Untrusted. */
  readonly name: string;
  /** The record: local header, data and data descriptor; offset and size in the file. */
  readonly at: number;
  readonly size: number;
  readonly data: { readonly at: number; readonly size: number };
  readonly method: number;
  /** Unpacked, bytes. */
  readonly contentSize: number;
  readonly localExtra: Buffer;
  readonly centralExtra: Buffer;
  readonly commentSize: number;
  /** 4.4.15; the mode is in the upper half. */
  readonly attributes: number;
  /** The header in the central directory. */
  readonly central: { readonly at: number; readonly size: number };
}

export interface ZipParts {
  /** In order of their records. */
  readonly entries: readonly ZipPart[];
  /** In order of the central directory. */
  readonly listed: readonly ZipPart[];
  /** Where the last record ends. */
  readonly entriesEnd: number;
  readonly directoryAt: number;
  readonly endAt: number;
}

const most = { directory: 64 * 1024 * 1024, content: 64 * 1024 * 1024 };

/** `undefined`: not a zip file. @throws SamesourceError `archive-unsafe` */
export function readZipParts(view: View): ZipParts | undefined {
  if (view.size < 22 || view.read(0, 4).readUInt32LE() !== 0x04034b50) return undefined;
  const endAt = findEnd(view);
  const end = view.read(endAt, 22);
  const [count, size, directoryAt] = [end.readUInt16LE(10), end.readUInt32LE(12), end.readUInt32LE(16)];
  if (end.readUInt32LE(4) !== 0 || end.readUInt16LE(8) !== count) throw unsafe('an archive in several parts');
  if (count === 0xffff || directoryAt + size !== endAt || size > most.directory)
    throw unsafe('a directory in no place');
  const listed = readDirectory(view, directoryAt, size, count);
  const entries = listed.toSorted((a, b) => a.at - b.at);
  const entriesEnd = requireRow(entries);
  if (entriesEnd > directoryAt) throw unsafe('entries in the directory');
  return { entries, listed, entriesEnd, directoryAt, endAt };
}

/** 4.3.16. */
function findEnd(view: View): number {
  const length = Math.min(view.size, 22 + 0xffff);
  const tail = view.read(view.size - length, length);
  for (let at = length - 22; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== 0x06054b50 || at + 22 + tail.readUInt16LE(at + 20) !== length) continue;
    if (tail.includes('PK', at + 22)) throw unsafe('a record in the comment');
    return view.size - length + at;
  }
  throw unsafe('no end record at the end');
}

/** 4.3.12. */
function readDirectory(view: View, at: number, size: number, count: number): ZipPart[] {
  const bytes = view.read(at, size);
  const names = new Set<string>();
  const entries: ZipPart[] = [];
  let next = 0;
  while (next < size) {
    if (bytes.length - next < 46 || bytes.readUInt32LE(next) !== 0x02014b50) throw unsafe('bytes in the directory');
    const [nameSize, extraSize, commentSize] = [28, 30, 32].map((field) => bytes.readUInt16LE(next + field));
    const length = 46 + (nameSize as number) + (extraSize as number) + (commentSize as number);
    if (next + length > size) throw unsafe('the directory breaks off');
    const header = bytes.subarray(next, next + length);
    const entry = readEntry(view, header, { at: at + next, size: length });
    if (names.has(entry.name)) throw unsafe(`two entries named ${entry.name}`);
    names.add(entry.name);
    entries.push(entry);
    next += length;
  }
  if (entries.length !== count) throw unsafe(`${entries.length} entries instead of ${count}`);
  return entries;
}

/** 4.3.7: what the local header says again must be the same; sizes may stand behind the data (4.4.4, bit 3). */
function readEntry(view: View, central: Buffer, place: ZipPart['central']): ZipPart {
  const at = central.readUInt32LE(42);
  const local = view.read(at, 30);
  const name = central.subarray(46, 46 + central.readUInt16LE(28));
  const [nameSize, extraSize] = [local.readUInt16LE(26), local.readUInt16LE(28)];
  const behind = (central.readUInt16LE(8) & 8) !== 0;
  const sizes = central.subarray(16, 28);
  // Flags, method, time and date.
  const same = local.subarray(6, 14).equals(central.subarray(8, 16)) && local.readUInt32LE(0) === 0x04034b50;
  const told = local.subarray(14, 26);
  const sameSizes = told.equals(sizes) || (behind && told.every((byte) => byte === 0));
  if (!same || !sameSizes || !view.read(at + 30, nameSize).equals(name)) throw unsafe(`two headers at ${at}`);
  const data = { at: at + 30 + nameSize + extraSize, size: central.readUInt32LE(20) };
  const dataEnd = data.at + data.size;
  const extraAt = 46 + name.length;
  const centralExtra = central.subarray(extraAt, extraAt + central.readUInt16LE(30));
  return {
    name: name.toString('latin1'),
    at,
    size: (behind ? descriptorEnd(view, dataEnd, sizes) : dataEnd) - at,
    data,
    method: central.readUInt16LE(10),
    contentSize: central.readUInt32LE(24),
    localExtra: Buffer.from(view.read(at + 30 + nameSize, extraSize)),
    centralExtra,
    commentSize: central.readUInt16LE(32),
    attributes: central.readUInt32LE(38),
    central: place,
  };
}

/** 4.3.9: after a signature that may be left out. */
function descriptorEnd(view: View, at: number, sizes: Buffer): number {
  const bytes = view.read(at, Math.min(16, view.size - at));
  if (bytes.length === 16 && bytes.readUInt32LE(0) === 0x08074b50 && bytes.subarray(4).equals(sizes)) return at + 16;
  if (bytes.subarray(0, 12).equals(sizes)) return at + 12;
  throw unsafe(`a data descriptor at ${at} that says something else`);
}

function requireRow(entries: readonly ZipPart[]): number {
  let end = 0;
  for (const { name, at, size } of entries) {
    if (at !== end) throw unsafe(`${name} begins at ${at} instead of ${end}`);
    end = at + size;
  }
  return end;
}

/** The content of an entry; `undefined` if it is too large to be looked at at once. @throws SamesourceError `archive-unsafe` */
export function contentOf(view: View, entry: ZipPart, limit = most.content): Buffer | undefined {
  const { data, method, contentSize } = entry;
  if (contentSize > limit || data.size > limit) return undefined;
  const packed = view.read(data.at, data.size);
  if (method === 0 && data.size === contentSize) return packed;
  if (method !== 8) throw unsafe(`${entry.name}: packed in an unknown way`);
  const { buffer, engine } = inflated(packed, Math.max(1, contentSize));
  if (engine.bytesWritten !== packed.length || buffer.length !== contentSize) {
    throw unsafe(`${entry.name}: bytes after its packed data`);
  }
  return buffer;
}

function inflated(packed: Buffer, maxOutputLength: number): { buffer: Buffer; engine: InflateRaw } {
  try {
    // With `info` it gives the engine too, which the types do not know.
    const result: unknown = inflateRawSync(packed, { maxOutputLength, info: true });
    return result as { buffer: Buffer; engine: InflateRaw };
  } catch (error) {
    throw unsafe('packed data that does not unpack', error);
  }
}

function unsafe(what: string, cause?: unknown): SamesourceError {
  return new SamesourceError('archive-unsafe', `zip: ${what}`, cause === undefined ? {} : { cause });
}
