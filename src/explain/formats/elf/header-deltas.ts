/** The three kinds of headers, field by field. What follows from where sections are is `derived`. */
import { type ElfSection, type ElfSegment, hasBytes, isLoaded, sectionTypes } from '../../../format/elf.ts';
import { headerFields, type HeaderField, sectionFields, segmentFields } from '../../../ledger/elf-headers.ts';
import { segmentName } from '../../../ledger/elf-names.ts';
import type { Delta } from '../../types.ts';
import type { Image } from './image.ts';
import type { TableContext } from './table-context.ts';

/** Of the file header and both tables of headers. */
export function headerDeltas(context: TableContext): Delta[] {
  return [...fileHeader(context), ...segmentHeaders(context), ...sectionHeaders(context)];
}

function fileHeader(context: TableContext): Delta[] {
  const { theirs, ours, addresses } = context;
  const { entry } = ours.elf;
  const moved = addresses.same(theirs.elf.entry, entry) || (entry === 0 && theirs.elf.entry === 0);
  return fieldDeltas(context, 'ELF header', [0, 0], headerFields, (field, kind) => {
    return kind === 'derived' || (field === 'entry' && moved);
  });
}

/** Derived: fields for which `follows` holds. */
function fieldDeltas(
  { theirs, ours }: TableContext,
  of: string,
  [left, right]: readonly [left: number, right: number],
  fields: readonly HeaderField[],
  follows: (field: string, kind: HeaderField[3]) => boolean,
): Delta[] {
  const deltas: Delta[] = [];
  let offset = 0;
  for (const [field, narrow, wide, kind] of fields) {
    const size = ours.elf.bits === 64 ? wide : narrow;
    const [i, j] = [left + offset, right + offset];
    offset += size;
    const [a, b] = [Buffer.from(theirs.view.read(i, size)), ours.view.read(j, size)];
    if (a.equals(b)) continue;
    const show = (bytes: Buffer): string => shown(bytes, ours.elf.little);
    deltas.push({
      where: `${of}: ${field}`,
      field,
      class: follows(field, kind) ? 'derived' : kind === 'derived' ? 'structure' : kind,
      released: { at: i, size, text: show(a) },
      rebuilt: { at: j, size, text: show(b) },
      bytes: a.reduce((sum, byte, index) => sum + (byte === b[index] ? 0 : 1), 0),
    });
  }
  return deltas;
}

function shown(bytes: Buffer, little: boolean): string {
  const ordered = little ? Buffer.from(bytes.toReversed()) : bytes;
  return bytes.length > 8 ? bytes.toString('hex') : `0x${ordered.toString('hex').replace(/^0+(?=.)/, '')}`;
}

/** Where a segment starts and ends follows from the sections in it, if both sides have the same ones. */
function segmentHeaders(context: TableContext): Delta[] {
  const { theirs, ours } = context;
  const [left, right] = [theirs.elf.segmentTable, ours.elf.segmentTable];
  if (left.count !== right.count) return [oneTable(context)];
  return ours.elf.segments.flatMap((segment, index) => {
    const other = theirs.elf.segments[index];
    const at = [left.at + index * left.entry, right.at + index * right.entry] as const;
    const same = other !== undefined && sameContent(theirs, ours, other, segment);
    const physical = isPhysicalAlike(theirs, at[0]) && isPhysicalAlike(ours, at[1]);
    return fieldDeltas(context, segmentName(segment, index), at, segmentFields[ours.elf.bits], (field) => {
      if (field === 'physical address' && !physical) return false;
      return same && !['type', 'flags', 'align'].includes(field);
    });
  });
}

/** Whether a segment's two addresses are one, as they are but on machines without an operating system. */
function isPhysicalAlike({ view, elf }: Image, at: number): boolean {
  const [from, size] = elf.bits === 64 ? [16, 8] : [8, 4];
  const bytes = view.read(at + from, 2 * size);
  return bytes.subarray(0, size).equals(bytes.subarray(size));
}

function oneTable({ theirs, ours }: TableContext): Delta {
  const [left, right] = [theirs.elf.segmentTable, ours.elf.segmentTable];
  const [a, b] = [left.count * left.entry, right.count * right.entry];
  const spans = { released: { at: left.at, size: a }, rebuilt: { at: right.at, size: b } };
  return { where: 'program headers', field: 'program headers', class: 'structure', ...spans, bytes: Math.max(a, b) };
}

function sameContent(theirs: Image, ours: Image, left: ElfSegment, right: ElfSegment): boolean {
  const [a, b] = [contentOf(theirs, left), contentOf(ours, right)];
  return a !== undefined && a === b;
}

/** The names of a segment's sections and its own limits in terms of them; absent if those do not fit. */
function contentOf({ elf, names }: Image, segment: ElfSegment): string | undefined {
  const inside = elf.sections.filter((section) => isLoaded(section) && isWithin(section, segment));
  const [first, last] = [inside[0], inside.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const fits = inside.every((one) => !hasBytes(one) || one.at - segment.at === one.address - segment.address);
  if (!fits) return undefined;
  const held = inside.filter(hasBytes).at(-1);
  const heldEnd = held === undefined ? 0 : held.at + held.size - segment.at;
  const memoryEnd = last.address + last.size - segment.address;
  const start = segment.at === 0 ? 'file' : segment.at === first.at ? 'section' : `${first.at - segment.at}`;
  // RELRO ends where its page does.
  const relro = segment.type === 0x6474e552 && (segment.address + segment.memorySize) % 4096 === 0;
  const slack = [segment.fileSize - heldEnd, segment.memorySize - memoryEnd].map((one) => (relro ? 0 : one));
  return [start, ...slack, ...inside.map(({ index }) => names[index] ?? '')].join('\0');
}

function isWithin(section: ElfSection, segment: ElfSegment): boolean {
  const threads = section.type === sectionTypes.noBits && Math.floor(section.flags / 0x400) % 2 === 1;
  if (section.size === 0 || (threads && segment.type !== 7)) return false;
  return section.address >= segment.address && section.address + section.size <= segment.address + segment.memorySize;
}

function sectionHeaders(context: TableContext): Delta[] {
  const { theirs, ours } = context;
  const [left, right] = [theirs.elf.sectionTable, ours.elf.sectionTable];
  const placeOf = (image: Image, index: number): number => {
    return image.elf.sectionTable.at + index * image.elf.sectionTable.entry;
  };
  const both: Delta[] = [];
  for (const [name, section] of ours.byName) {
    const other = theirs.byName.get(name);
    if (other === undefined) {
      both.push(only('rebuilt', name, placeOf(ours, section.index), right.entry));
      continue;
    }
    const at = [placeOf(theirs, other.index), placeOf(ours, section.index)] as const;
    const follows = (field: string, kind: HeaderField[3]): boolean =>
      kind === 'derived' || followsHere(context, other, section, field);
    both.push(...fieldDeltas(context, `header of ${name}`, at, sectionFields, follows));
  }
  const missing = [...theirs.byName].filter(([name]) => !ours.byName.has(name));
  return [...both, ...missing.map(([name, { index }]) => only('released', name, placeOf(theirs, index), left.entry))];
}

function only(side: 'released' | 'rebuilt', name: string, at: number, size: number): Delta {
  const told = { where: `header of ${name}`, field: 'section header', class: 'structure' } as const;
  return { ...told, [side]: { at, size }, bytes: size };
}

function followsHere({ theirs, ours }: TableContext, left: ElfSection, right: ElfSection, field: string): boolean {
  switch (field) {
    case 'address':
      // All that refers to it is compared with it; that the sections keep their order is not.
      return (
        orderAt(theirs, left) === orderAt(ours, right) && isWhereLoaded(theirs, left) && isWhereLoaded(ours, right)
      );
    case 'size':
      return (hasBytes(left) && hasBytes(right)) || (fillsPage(left) && fillsPage(right));
    case 'link':
      return theirs.names[left.link] === ours.names[right.link];
    case 'info':
      if (right.type === sectionTypes.symbols || right.type === sectionTypes.dynamicSymbols) return true;
      return left.info > 0 && theirs.names[left.info] === ours.names[right.info];
    default:
      return false;
  }
}

/** What LLD puts behind what is made read-only, to the end of the page. */
function fillsPage({ name, type, address, size }: ElfSection): boolean {
  return name === '.relro_padding' && type === sectionTypes.noBits && size < 65_536 && (address + size) % 4096 === 0;
}

/** Whether a section's address is where its segment brings its bytes. */
function isWhereLoaded({ elf }: Image, section: ElfSection): boolean {
  const load = 1;
  const from = elf.segments.find((one) => {
    return one.type === load && section.at >= one.at && section.at + section.size <= one.at + one.fileSize;
  });
  if (!hasBytes(section) || from === undefined) return !hasBytes(section) || elf.segments.length === 0;
  return section.address - from.address === section.at - from.at;
}

/** Of each image, once. */
const loadedOf = new WeakMap<
  Image,
  { readonly all: readonly ElfSection[]; readonly places: Map<ElfSection, number> }
>();

/** The names of the loaded sections before and after, by address. */
function orderAt(image: Image, section: ElfSection): string {
  let loaded = loadedOf.get(image);
  if (loaded === undefined) {
    const all = image.elf.sections.filter((one) => isLoaded(one) && one.size > 0);
    loaded = { all, places: new Map(all.map((one, index) => [one, index])) };
    loadedOf.set(image, loaded);
  }
  const place = loaded.places.get(section) ?? -1;
  return [loaded.all[place - 1], loaded.all[place + 1]].map((one) => image.names[one?.index ?? 0] ?? '').join('\0');
}
