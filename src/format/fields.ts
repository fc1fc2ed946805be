/** Reads numbers and names from a view, and refuses to read beyond its end. */
import { SamesourceError } from '../model/error.ts';
import type { View } from '../platform/view.ts';

export interface Fields {
  /** Exactly `length` bytes. */
  bytes(at: number, length: number): Buffer;
  u8(at: number): number;
  u16(at: number): number;
  u32(at: number): number;
  /** One that is exact as a number. */
  u64(at: number): number;
  /** Latin-1 up to a zero byte or `limit` bytes, whichever comes first. */
  name(at: number, limit: number): string;
  /** The error for what `what` says. */
  unsafe(what: string): SamesourceError;
}

/**
 * All of them throw SamesourceError `archive-unsafe` beyond the end.
 * @param format for messages
 */
export function fieldsOf(format: string, view: View, endian: 'little' | 'big'): Fields {
  const unsafe = (what: string): SamesourceError => new SamesourceError('archive-unsafe', `${format}: ${what}`);
  const bytes = (at: number, length: number): Buffer => {
    if (at < 0 || length < 0 || at + length > view.size) throw unsafe(`${length} bytes at ${at} of ${view.size}`);
    return view.read(at, length);
  };
  const little = endian === 'little';
  return {
    bytes,
    unsafe,
    u8: (at) => bytes(at, 1).readUInt8(),
    u16: (at) => (little ? bytes(at, 2).readUInt16LE() : bytes(at, 2).readUInt16BE()),
    u32: (at) => (little ? bytes(at, 4).readUInt32LE() : bytes(at, 4).readUInt32BE()),
    u64(at) {
      const value = little ? bytes(at, 8).readBigUInt64LE() : bytes(at, 8).readBigUInt64BE();
      if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw unsafe(`the number ${value} at ${at}`);
      return Number(value);
    },
    name(at, limit) {
      const found = bytes(at, Math.min(limit, Math.max(0, view.size - at)));
      const end = found.indexOf(0);
      return found.toString('latin1', 0, end === -1 ? found.length : end);
    },
  };
}
