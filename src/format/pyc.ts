/** The head of compiled Python (PEP 552, and `importlib/_bootstrap_external.py` for the numbers). */
import type { View } from '../platform/view.ts';
import { fieldsOf } from './fields.ts';

export interface PycHeader {
  /** `3.11`, as far as the number tells it. */
  readonly python: string;
  /** What says whether it fits its source; a checked hash is looked up, an unchecked one is not. */
  readonly invalidation: 'time' | 'checked hash' | 'unchecked hash';
  /** Whether a word says which of them it is. */
  readonly flags: boolean;
  /** Whether the source's size stands behind its time. */
  readonly sized: boolean;
}

/** The first number of each version, in order. */
const versions: readonly (readonly [number, string])[] = [
  [3000, '3.0'],
  [3141, '3.1'],
  [3160, '3.2'],
  [3190, '3.3'],
  [3250, '3.4'],
  [3320, '3.5'],
  [3360, '3.6'],
  [3390, '3.7'],
  [3400, '3.8'],
  [3420, '3.9'],
  [3430, '3.10'],
  [3450, '3.11'],
  [3500, '3.12'],
  [3550, '3.13'],
  [3600, '3.14'],
  [3650, '3.15'],
  [3700, 'after 3.15'],
];
const last = 3999;
/** Python 2 counted otherwise. */
const old: readonly (readonly [number, string])[] = [
  [62_011, '2.3'],
  [62_041, '2.4'],
  [62_071, '2.5'],
  [62_151, '2.6'],
  [62_171, '2.7'],
  [62_212, ''],
];
const since = { size: 3210, flags: 3392 };

export function isPyc(view: View): boolean {
  if (view.size < 9 || view.read(2, 2).toString('latin1') !== '\r\n') return false;
  const magic = view.read(0, 2).readUInt16LE();
  const at = headSize(magic);
  if (pythonOf(magic) === undefined || view.size <= at) return false;
  // A code object, with or without the mark that it is referred to.
  return ((view.read(at, 1)[0] ?? 0) & 0x7f) === 0x63;
}

function headSize(magic: number): number {
  if (magic > last || magic < since.size) return 8;
  return magic < since.flags ? 12 : 16;
}

function pythonOf(magic: number): string | undefined {
  const table = magic <= last ? versions : old;
  const name = table.findLast(([first]) => magic >= first)?.[1];
  return name === '' ? undefined : name;
}

/** @throws SamesourceError `archive-unsafe` */
export function pycHeader(view: View): PycHeader {
  const file = fieldsOf('pyc', view, 'little');
  const magic = file.u16(0);
  const python = pythonOf(magic);
  if (python === undefined || file.u16(2) !== 0x0a0d) throw file.unsafe(`the number ${magic} of no known version`);
  const sized = magic <= last && magic >= since.size;
  const flags = magic <= last && magic >= since.flags;
  if (!flags) return { python, invalidation: 'time', flags, sized };
  const invalidation = (['time', 'unchecked hash', undefined, 'checked hash'] as const)[file.u32(4)];
  if (invalidation === undefined) throw file.unsafe(`unknown flags ${file.u32(4)}`);
  return { python, invalidation, flags, sized };
}
