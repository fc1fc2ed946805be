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
    const field = fieldOf(id, fields);
    if (ids.has(id)) throw unsafe('zip', `${shown}: two of ${field}`);
    fields.add(field);
    ids.add(id);
    found.push(recordOf(id, size, rest.subarray(4, size), field, name, shown));
    at += size;
  }
  return found;
}

function fieldOf(id: number, taken: ReadonlySet<string>): string {
  const plain = `extra 0x${id.toString(16).padStart(4, '0')}`;
  const name = names[id] ?? plain;
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
      return { ...record, class: 'metadata', ...valueOf(id, data) };
  }
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
