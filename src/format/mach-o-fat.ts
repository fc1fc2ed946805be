/** Files that hold one Mach-O program for each of several processors (`mach-o/fat.h`). */
import type { View } from '../platform/view.ts';
import { fieldsOf } from './fields.ts';
import { machOCpu } from './mach-o.ts';

export interface FatSlice {
  /** The processor. */
  readonly key: string;
  readonly at: number;
  readonly size: number;
  /** Its offset is a multiple of two to the power of this. */
  readonly align: number;
}

export interface Fat {
  /** Whether offsets have 64 bits. */
  readonly wide: boolean;
  /** Bytes of a slice's entry in the table, which follows the first 8 bytes of the file. */
  readonly entrySize: number;
  /** In order of the table. */
  readonly slices: readonly FatSlice[];
}

const magic = { narrow: 0xcafebabe, wide: 0xcafebabf };
/** A Java class has the same mark, and there stands its version, 45 or more. */
const mostSlices = 30;

export function isFat(view: View): boolean {
  if (view.size < 8) return false;
  const head = view.read(0, 8);
  const mark = head.readUInt32BE();
  return (mark === magic.narrow || mark === magic.wide) && head.readUInt32BE(4) <= mostSlices;
}

/** Slices may still lie over each other. @throws SamesourceError `archive-unsafe` */
export function readFat(view: View): Fat {
  const file = fieldsOf('mach-o-fat', view, 'big');
  const wide = file.u32(0) === magic.wide;
  const count = file.u32(4);
  if (count === 0 || count > mostSlices) throw file.unsafe(`${count} slices`);
  const entrySize = wide ? 32 : 20;
  const keys = new Set<string>();
  const slices = Array.from({ length: count }, (_, index) => {
    const start = 8 + index * entrySize;
    const key = machOCpu(file.u32(start), file.u32(start + 4));
    if (keys.has(key)) throw file.unsafe(`two slices for ${key}`);
    keys.add(key);
    const at = wide ? file.u64(start + 8) : file.u32(start + 8);
    const size = wide ? file.u64(start + 16) : file.u32(start + 12);
    const align = file.u32(start + (wide ? 24 : 16));
    if (size === 0 || at + size > view.size) throw file.unsafe(`the slice for ${key} of ${size} bytes at ${at}`);
    if (align > 15 || at % 2 ** align !== 0) throw file.unsafe(`the slice for ${key} is not aligned`);
    return { key, at, size, align };
  });
  return { wide, entrySize, slices };
}
