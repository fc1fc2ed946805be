/** Extended headers of tar: pax records, and GNU's long names. */
import { isZeroed, unsafe, type Decode } from './tar-header.ts';

export interface PaxRecord {
  /** Offset in the extended header's content, bytes. */
  readonly at: number;
  readonly size: number;
  readonly key: string;
  readonly value: string;
}

/**
 * `LENGTH KEY=VALUE\n`, the length in decimal and over the whole record.
 * @throws SamesourceError `archive-unsafe` for malformed records, and keys given twice
 */
export function parsePax(bytes: Buffer, decode: Decode): PaxRecord[] {
  const records: PaxRecord[] = [];
  const keys = new Set<string>();
  for (let at = 0; at < bytes.length;) {
    // A length of more digits would be longer than any header that is read.
    const space = bytes.subarray(0, at + 12).indexOf(0x20, at);
    const digits = space < at ? '' : bytes.toString('latin1', at, space);
    const size = /^[1-9][0-9]*$/.test(digits) ? Number(digits) : 0;
    const record = bytes.subarray(space + 1, at + size);
    const equals = record.indexOf(0x3d);
    if (size === 0 || at + size > bytes.length || equals < 1 || record.at(-1) !== 0x0a) {
      throw unsafe('a malformed pax header');
    }
    const key = decode(record.subarray(0, equals));
    const value = decode(record.subarray(equals + 1, -1));
    if (keys.has(key)) throw unsafe(`pax key ${key} given twice`);
    // Extended attributes, e.g. security.capability, are binary; nothing here reads them.
    if (value.includes('\0') && !key.startsWith('SCHILY.xattr.')) throw unsafe(`a zero byte in pax ${key}`);
    keys.add(key);
    records.push({ at, size, key, value });
    at += size;
  }
  return records;
}

/** The content of GNU's `L` and `K` entries. @throws SamesourceError `archive-unsafe` */
export function longString(bytes: Buffer, decode: Decode): string {
  const end = bytes.indexOf(0);
  if (end !== -1 && !isZeroed(bytes.subarray(end))) throw unsafe('a zero byte in a long name');
  return decode(bytes.subarray(0, end === -1 ? bytes.length : end));
}

export function paxDecimal(value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (!/^-?\d+(?:\.\d+)?$/.test(value)) throw unsafe(`"${value}" where pax needs a number`);
  return Number(value);
}

export function paxInteger(value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number)) throw unsafe(`"${value}" where pax needs an integer`);
  return number;
}

/** As it stands in an extended header. */
export function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
