/** The covers of zip's records, field by field. */
import type { Region, RegionClass } from '../model/region.ts';
import { dosTime } from '../format/dos-time.ts';
import type { ZipEnd } from '../format/zip-end.ts';
import type { View } from '../platform/view.ts';
import { leniently } from './member-key.ts';
import { partList, type PartList } from './parts.ts';
import { hasDescriptor, ones, type CentralHeader, type LocalHeader } from './zip-entry.ts';

const methods: Readonly<Record<number, string>> = { 0: 'stored', 8: 'deflate' };

/** 4.3.7 */
export function localParts(local: LocalHeader, central: CentralHeader, member: string): readonly Region[] {
  const list = partList(local.at, member);
  // 4.4.4: what stands behind the data need not stand here, and may.
  const kind = (value: number): RegionClass => (hasDescriptor(central) && value !== 0 ? 'metadata' : 'derived');
  list.add(4, 'structure', 'magic');
  list.add(2, 'structure', 'version needed', version(local.needed));
  list.add(2, 'structure', 'flags', flagsShown(local.flags));
  list.add(2, 'structure', 'method', methods[local.method]);
  list.add(4, 'metadata', 'mtime', dosTime(local.time));
  list.add(4, kind(local.crc), 'crc', hex(local.crc));
  list.add(4, sizeClass(local.packed, kind(local.packed)), 'compressed size', String(local.packed));
  list.add(4, sizeClass(local.unpacked, kind(local.unpacked)), 'size', String(local.unpacked));
  list.add(2, 'derived', 'name length', String(local.name.length));
  list.add(2, 'derived', 'extra length', String(local.extraLength));
  list.add(local.name.length, 'structure', 'name', member);
  for (const extra of local.extras) list.add(extra.size, extra.class, extra.field, extra.value);
  return list.parts;
}

/** All ones say that zip64 has the size, which small ones do not need. */
function sizeClass(size: number, otherwise: RegionClass): RegionClass {
  return size === ones ? 'structure' : otherwise;
}

/** 4.3.9 */
export function descriptorParts(at: number, size: number, member: string): readonly Region[] {
  const list = partList(at, member);
  const wide = size >= 20 ? 8 : 4;
  list.add(size - 4 - 2 * wide, 'structure', 'descriptor magic');
  list.add(4, 'derived', 'descriptor crc');
  list.add(wide, 'derived', 'descriptor compressed size');
  list.add(wide, 'derived', 'descriptor size');
  return list.parts;
}

/** 4.3.12. What must equal the local header follows from it. */
export function centralParts(central: CentralHeader, member: string): readonly Region[] {
  const list = partList(central.at, member);
  list.add(4, 'structure', 'central magic');
  list.add(2, 'metadata', 'version made by', madeBy(central.madeBy));
  list.add(2, 'structure', 'central version needed', version(central.needed));
  list.add(2, 'derived', 'central flags', flagsShown(central.flags));
  list.add(2, 'derived', 'central method', methods[central.method]);
  list.add(4, 'derived', 'central mtime', dosTime(central.time));
  list.add(4, 'derived', 'central crc', hex(central.crc));
  list.add(4, sizeClass(central.packed, 'derived'), 'central compressed size', String(central.packed));
  list.add(4, sizeClass(central.unpacked, 'derived'), 'central size', String(central.unpacked));
  list.add(2, 'derived', 'central name length', String(central.name.length));
  list.add(2, 'derived', 'central extra length', String(central.extraLength));
  list.add(2, 'derived', 'comment length', String(central.comment.length));
  list.add(2, 'structure', 'disk');
  list.add(2, 'metadata', 'internal attributes', String(central.internal));
  list.add(4, 'metadata', 'external attributes', attributes(central));
  list.add(4, 'derived', 'offset', String(central.localAt));
  list.add(central.name.length, 'derived', 'central name', member);
  for (const extra of central.extras) list.add(extra.size, extra.class, `central ${extra.field}`, extra.value);
  list.add(central.comment.length, 'metadata', 'comment', leniently(central.comment));
  return list.parts;
}

/** 4.3.14 and 4.3.15 */
export function wideEndParts(view: View, at: number): readonly Region[] {
  const list = partList(at);
  const record = view.read(at, 56);
  list.add(4, 'structure', 'zip64 end magic');
  list.add(8, 'structure', 'zip64 end length');
  list.add(2, 'metadata', 'zip64 version made by', madeBy(record.readUInt16LE(12)));
  list.add(2, 'structure', 'zip64 version needed', version(record.readUInt16LE(14)));
  list.add(8, 'structure', 'zip64 disks');
  addTotals(
    list,
    'zip64 ',
    8,
    [24, 32, 40, 48].map((offset) => Number(record.readBigUInt64LE(offset))),
  );
  list.add(4, 'structure', 'zip64 locator magic');
  list.add(4, 'structure', 'zip64 locator disk');
  list.add(8, 'derived', 'zip64 end offset', String(at));
  list.add(4, 'structure', 'zip64 total disks');
  return list.parts;
}

/** 4.3.16 */
export function endParts(
  view: View,
  { at, commentLength, entries, directoryAt, directorySize }: ZipEnd,
): readonly Region[] {
  const list = partList(at);
  const record = view.read(at, 22 + commentLength);
  list.add(4, 'structure', 'end magic');
  list.add(4, 'structure', 'disks');
  const stored = [record.readUInt16LE(8), record.readUInt16LE(10), record.readUInt32LE(12), record.readUInt32LE(16)];
  const full = [entries, entries, directorySize, directoryAt];
  addTotals(list, '', 2, stored, full);
  list.add(2, 'derived', 'archive comment length', String(commentLength));
  list.add(commentLength, 'metadata', 'archive comment', leniently(record.subarray(22)));
  return list.parts;
}

/** @param full the true values: where all ones stand in for them, that is a choice of the writer */
function addTotals(list: PartList, prefix: string, count: number, stored: readonly number[], full = stored): void {
  const names = ['entries on disk', 'entries', 'directory size', 'directory offset'];
  const sizes = count === 8 ? [8, 8, 8, 8] : [2, 2, 4, 4];
  for (const [index, name] of names.entries()) {
    const value = stored[index];
    list.add(sizes[index] ?? 0, value === full[index] ? 'derived' : 'structure', `${prefix}${name}`, String(value));
  }
}

/** 4.4.2.2 */
const systems: Readonly<Record<number, string>> = { 0: 'FAT', 3: 'Unix', 10: 'NTFS', 19: 'macOS' };

function madeBy(value: number): string {
  const system = value >> 8;
  return `${version(value & 0xff)} on ${systems[system] ?? String(system)}`;
}

function version(value: number): string {
  return `${Math.floor(value / 10)}.${value % 10}`;
}

function flagsShown(flags: number): string {
  return `0x${flags.toString(16).padStart(4, '0')}`;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/** The file mode, if a Unix system made the entry. 4.4.15 */
export function unixMode({ madeBy: made, external }: CentralHeader): number | undefined {
  const unix = [3, 19].includes(made >> 8) ? external >>> 16 : 0;
  return unix === 0 ? undefined : unix;
}

function attributes(central: CentralHeader): string {
  return unixMode(central)?.toString(8) ?? `0x${hex(central.external)}`;
}
