/** The records at the end of a zip archive (APPNOTE 6.3.10, 4.3.14 to 4.3.16). */
import { SamesourceError } from '../model/error.ts';
import type { View } from '../platform/view.ts';

export interface ZipEnd {
  /** Of the end record. */
  readonly at: number;
  readonly commentLength: number;
  readonly entries: number;
  readonly directoryAt: number;
  readonly directorySize: number;
  /** Where its zip64 record is, if it has one; the locator comes after it. */
  readonly wideAt?: number;
}

const endSize = 22;
const locatorSize = 20;
const wideSize = 56;
const signatures = { end: 'PK\x05\x06', locator: 'PK\x06\x07', wide: 'PK\x06\x06', central: 'PK\x01\x02' } as const;

/** Told by the first bytes: a local header, or the end record of an empty archive. */
export function isZip(start: Uint8Array): boolean {
  const hex = Buffer.from(start.subarray(0, 4)).toString('hex');
  return hex === '504b0304' || hex === '504b0506';
}

/** Whether the file ends as a zip archive with entries does, whatever it begins with: many readers ask no more. */
export function endsAsZip(view: View): boolean {
  const { fits } = lastEnd(view);
  if (fits === undefined) return false;
  const size = view.read(fits + 12, 4).readUInt32LE();
  const wide = fits >= locatorSize && view.read(fits - locatorSize, 4).toString('latin1') === signatures.locator;
  if (wide) return true;
  return size >= 46 && size <= fits && view.read(fits - size, 4).toString('latin1') === signatures.central;
}

/** @throws SamesourceError `archive-unsafe` unless there is one end record, at the end, that fits the file */
export function readZipEnd(view: View): ZipEnd {
  const at = requireEnd(view);
  const record = view.read(at, view.size - at);
  const [disk, directoryDisk, here, entries] = [4, 6, 8, 10].map((offset) => record.readUInt16LE(offset));
  if (disk !== 0 || directoryDisk !== 0 || here !== entries) throw unsafe('an archive in several parts');
  const narrow = { entries: entries ?? 0, size: record.readUInt32LE(12), at: record.readUInt32LE(16) };
  const wide = readWide(view, at, narrow);
  const { entries: count, size, at: start } = wide ?? narrow;
  const directoryEnd = wide?.recordAt ?? at;
  if (start + size !== directoryEnd) {
    throw unsafe(`the central directory should end at ${start + size}, and what follows it is at ${directoryEnd}`);
  }
  if (count * 46 > size) throw unsafe(`${count} entries in a central directory of ${size} bytes`);
  return {
    at,
    commentLength: record.length - endSize,
    entries: count,
    directoryAt: start,
    directorySize: size,
    ...(wide === undefined ? {} : { wideAt: wide.recordAt }),
  };
}

/** The record whose comment reaches to the end of the file, and the last one that does not. */
function lastEnd(view: View): { readonly fits?: number; readonly other?: number; readonly several: boolean } {
  const start = Math.max(0, view.size - endSize - 0xffff);
  const tail = view.read(start, view.size - start);
  let fits: number | undefined;
  let other: number | undefined;
  let several = false;
  for (let at = tail.length - endSize; at >= 0; at--) {
    at = tail.lastIndexOf(signatures.end, at, 'latin1');
    if (at === -1) break;
    if (at + endSize + tail.readUInt16LE(at + 20) !== tail.length) other ??= at + start;
    else if (fits === undefined) fits = at + start;
    else several = true;
  }
  return { several, ...(fits === undefined ? {} : { fits }), ...(other === undefined ? {} : { other }) };
}

function requireEnd(view: View): number {
  const { fits, other, several } = lastEnd(view);
  if (fits === undefined && other !== undefined) {
    const end = other + endSize + view.read(other + 20, 2).readUInt16LE();
    throw unsafe(end < view.size ? `${view.size - end} bytes after the end, at ${end}` : 'the end record breaks off');
  }
  if (fits === undefined) throw unsafe('no end record at the end');
  const comment = view.read(fits + endSize, view.size - fits - endSize).toString('latin1');
  const records = comment.split('PK').slice(1);
  if (several || records.some((after) => after.charCodeAt(0) <= 8)) {
    throw unsafe('a record in the comment of the archive');
  }
  return fits;
}

interface Directory {
  readonly entries: number;
  readonly size: number;
  readonly at: number;
}

/** 4.4.1.4: fields that are too small are filled with ones, and zip64 has the true ones. */
function readWide(view: View, end: number, narrow: Directory): (Directory & { readonly recordAt: number }) | undefined {
  const locatorAt = end - locatorSize;
  const located = locatorAt >= 0 && view.read(locatorAt, 4).toString('latin1') === signatures.locator;
  if (!located) {
    if (narrow.entries === 0xffff || narrow.at === 0xffffffff || narrow.size === 0xffffffff) {
      throw unsafe('no zip64 locator where one must be');
    }
    return undefined;
  }
  const locator = view.read(locatorAt, locatorSize);
  const recordAt = Number(locator.readBigUInt64LE(8));
  if (locator.readUInt32LE(4) !== 0 || locator.readUInt32LE(16) !== 1) throw unsafe('an archive in several parts');
  if (recordAt + wideSize !== locatorAt) throw unsafe(`a zip64 locator that points to ${recordAt}`);
  const record = view.read(recordAt, wideSize);
  if (record.toString('latin1', 0, 4) !== signatures.wide) throw unsafe(`no zip64 record at ${recordAt}`);
  if (record.readBigUInt64LE(4) !== BigInt(wideSize - 12)) throw unsafe('a zip64 record of another size');
  if (record.readBigUInt64LE(16) !== 0n) throw unsafe('an archive in several parts');
  const [here, entries, size, at] = [24, 32, 40, 48].map((offset) => Number(record.readBigUInt64LE(offset)));
  const wide = { entries: entries ?? 0, size: size ?? 0, at: at ?? 0 };
  const agrees = (value: number, full: number, ones: number): boolean => value === ones || value === full;
  if (
    here !== entries ||
    !agrees(narrow.entries, wide.entries, 0xffff) ||
    !agrees(narrow.size, wide.size, 0xffffffff) ||
    !agrees(narrow.at, wide.at, 0xffffffff)
  ) {
    throw unsafe('two end records that differ');
  }
  return { ...wide, recordAt };
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `zip: ${what}`);
}
