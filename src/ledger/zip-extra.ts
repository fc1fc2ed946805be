/** Extra fields of zip's headers (APPNOTE 4.5). */
import type { RegionClass } from '../model/region.ts';
import { isoTime } from '../format/iso-time.ts';
import { unsafe } from './cover.ts';

export interface ZipExtra {
  readonly id: number;
  /** Bytes, the header of four with it. */
  readonly size: number;
  readonly data: Buffer;
  readonly field: string;
  readonly class: RegionClass;
  readonly value?: string;
}

const names: Readonly<Record<number, string>> = {
  0x0001: 'zip64 sizes',
  0x5455: 'extended mtime',
  0x7875: 'unix uid',
  0x5855: 'unix uid',
};

/**
 * The records of an extra field. Zeros after the last are padding: zipalign's, before it had a record for that.
 * @param name the entry's, for messages and against a second one
 * @throws SamesourceError `archive-unsafe` for a field that is no list of records
 */
export function parseExtras(extra: Buffer, name: Buffer, shown: string): ZipExtra[] {
  const found: ZipExtra[] = [];
  const fields = new Set<string>();
  const ids = new Set<number>();
  for (let at = 0; at < extra.length;) {
    const rest = extra.subarray(at);
    if (rest.every((byte) => byte === 0)) {
      found.push({ id: 0, size: rest.length, data: rest, field: 'extra padding', class: 'padding' });
      break;
    }
    const size = rest.length < 4 ? Infinity : 4 + rest.readUInt16LE(2);
    if (size > rest.length) throw unsafe('zip', `${shown}: a malformed extra field`);
    const id = rest.readUInt16LE(0);
    const field = fieldOf(id, rest.subarray(4, size), fields);
    if (ids.has(id)) throw unsafe('zip', `${shown}: two of ${field}`);
    fields.add(field);
    ids.add(id);
    found.push(recordOf(id, size, rest.subarray(4, size), field, name, shown));
    at += size;
  }
  return found;
}

function fieldOf(id: number, data: Buffer, taken: ReadonlySet<string>): string {
  const plain = `extra 0x${id.toString(16).padStart(4, '0')}`;
  const name = isWellFormed(id, data) ? (names[id] ?? plain) : plain;
  return taken.has(name) ? plain : name;
}

function recordOf(id: number, size: number, data: Buffer, field: string, name: Buffer, shown: string): ZipExtra {
  const record = { id, size, data, field };
  switch (id) {
    case 0x0001:
      return { ...record, class: 'structure' };
    case 0xd935:
      return { ...record, class: 'padding', value: alignment(data, shown) };
    case 0x7075:
      // 4.6.9: readers that know it take this name, others that of the header.
      if (!data.subarray(5).equals(name)) throw unsafe('zip', `${shown}: a second name`);
      return { ...record, class: 'metadata' };
    default:
      if (!isWellFormed(id, data)) return { ...record, class: 'opaque' };
      return { ...record, class: 'metadata', ...valueOf(id, data) };
  }
}

/** Whether a record of a kind that is known holds what it is for, and has no room for anything else. */
function isWellFormed(id: number, data: Buffer): boolean {
  const size = data.length;
  switch (id) {
    case 0x5455:
      return isTimes(data);
    case 0x7875:
      // Version, and two numbers with their lengths before them.
      return size === 0 || (data[0] === 1 && size === 11 && data[1] === 4 && data[6] === 4);
    case 0x5855:
      return size === 8 || size === 12;
    case 0x000a:
      // 4.5.5: reserved, and one attribute with three times.
      return size === 32 && data.toString('hex', 0, 8) === '0000000001001800';
    case 0xcafe:
      return size === 0;
    default:
      return true;
  }
}

/** Flags, and a number for each of up to three times; of the central header, for the first at most. */
function isTimes(data: Buffer): boolean {
  const flags = data[0] ?? 8;
  if (flags >= 8) return false;
  const count = [1, 2, 4].filter((bit) => (flags & bit) !== 0).length;
  return [1 + 4 * count, 1 + 4 * (flags & 1)].includes(data.length);
}

/** Android's zipalign: the multiple, then zeros. */
function alignment(data: Buffer, shown: string): string {
  if (data.length < 2 || data.subarray(2).some((byte) => byte !== 0)) {
    throw unsafe('zip', `${shown}: bytes in the alignment`);
  }
  return `to ${data.readUInt16LE(0)} bytes`;
}

function valueOf(id: number, data: Buffer): { readonly value?: string } {
  if (id === 0x5455 && data.length >= 5 && ((data[0] ?? 0) & 1) === 1) return { value: isoTime(data.readInt32LE(1)) };
  if (id === 0x5855 && data.length >= 8) return { value: isoTime(data.readInt32LE(4)) };
  if (id === 0x7875 && data.length === 11) return { value: `${data.readUInt32LE(2)}:${data.readUInt32LE(7)}` };
  return {};
}
