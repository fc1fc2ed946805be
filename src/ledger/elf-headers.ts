/** The fields of ELF's three kinds of headers, in the order of the file. */
import type { Elf } from '../format/elf.ts';
import type { Region, RegionClass } from '../model/region.ts';
import { machineName, sectionNames, segmentName, typeName } from './elf-names.ts';

/** Name, bytes in files of 32 and of 64 bits, class. */
export type HeaderField = readonly [field: string, narrow: number, wide: number, kind: RegionClass];

/** Where the tables and the sections' bytes lie follows from the cover, which is compared by their names. */
export const headerFields: readonly HeaderField[] = [
  ['identification', 16, 16, 'structure'],
  ['type', 2, 2, 'structure'],
  ['machine', 2, 2, 'structure'],
  ['version', 4, 4, 'structure'],
  ['entry', 4, 8, 'structure'],
  ['program headers offset', 4, 8, 'derived'],
  ['section headers offset', 4, 8, 'derived'],
  ['flags', 4, 4, 'structure'],
  ['header size', 2, 2, 'derived'],
  ['program header size', 2, 2, 'derived'],
  ['program headers count', 2, 2, 'derived'],
  ['section header size', 2, 2, 'derived'],
  ['section headers count', 2, 2, 'derived'],
  ['section of names', 2, 2, 'derived'],
];

export const segmentFields: Readonly<Record<32 | 64, readonly HeaderField[]>> = {
  32: [
    ['type', 4, 4, 'structure'],
    ['offset', 4, 4, 'structure'],
    ['address', 4, 4, 'structure'],
    ['physical address', 4, 4, 'structure'],
    ['size', 4, 4, 'structure'],
    ['size in memory', 4, 4, 'structure'],
    ['flags', 4, 4, 'structure'],
    ['align', 4, 4, 'structure'],
  ],
  64: [
    ['type', 4, 4, 'structure'],
    ['flags', 4, 4, 'structure'],
    ['offset', 8, 8, 'structure'],
    ['address', 8, 8, 'structure'],
    ['physical address', 8, 8, 'structure'],
    ['size', 8, 8, 'structure'],
    ['size in memory', 8, 8, 'structure'],
    ['align', 8, 8, 'structure'],
  ],
};

export const sectionFields: readonly HeaderField[] = [
  ['name', 4, 4, 'derived'],
  ['type', 4, 4, 'structure'],
  ['flags', 4, 8, 'structure'],
  ['address', 4, 8, 'structure'],
  ['offset', 4, 8, 'derived'],
  ['size', 4, 8, 'structure'],
  ['link', 4, 4, 'structure'],
  ['info', 4, 4, 'structure'],
  ['align', 4, 8, 'structure'],
  ['entry size', 4, 8, 'structure'],
];

/** The file header, field by field. */
export function headerParts(elf: Elf): Region[] {
  const values: Readonly<Record<string, string>> = {
    type: typeName(elf.type),
    machine: machineName(elf.machine),
    entry: `0x${elf.entry.toString(16)}`,
  };
  return parts(elf, 'ELF header', 0, headerFields, values);
}

/** Program headers, field by field. */
export function segmentHeaderParts(elf: Elf): Region[] {
  const { at, entry } = elf.segmentTable;
  return elf.segments.flatMap((segment, index) =>
    parts(elf, segmentName(segment, index), at + index * entry, segmentFields[elf.bits], {}),
  );
}

/** Section headers, field by field. */
export function sectionHeaderParts(elf: Elf): Region[] {
  const { at, entry } = elf.sectionTable;
  const names = sectionNames(elf);
  return elf.sections.flatMap(({ index }) =>
    parts(elf, `header of ${names[index] ?? ''}`, at + index * entry, sectionFields, {}),
  );
}

function parts(
  { bits }: Elf,
  of: string,
  start: number,
  fields: readonly HeaderField[],
  values: Readonly<Record<string, string>>,
): Region[] {
  let at = start;
  return fields.map(([field, narrow, wide, kind]) => {
    const size = bits === 64 ? wide : narrow;
    at += size;
    const value = values[field];
    const named = { name: `${of}: ${field}`, field };
    return { at: at - size, size, class: kind, ...named, ...(value === undefined ? {} : { value }) };
  });
}
