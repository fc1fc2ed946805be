import {
  type Elf,
  type ElfSection,
  fileTypes,
  hasBytes,
  isLoaded,
  readElf,
  sectionTypes,
} from '../../../format/elf.ts';
import { type ElfSymbol, readSymbols } from '../../../format/elf-symbols.ts';
import { sectionNames } from '../../../ledger/elf-names.ts';
import type { View } from '../../../platform/view.ts';
import type { Side } from '../../types.ts';

/** One side, with what the comparison asks for often. */
export interface Image {
  readonly side: Side;
  readonly view: View;
  readonly elf: Elf;
  /** By index of the section; each is one in the file. */
  readonly names: readonly string[];
  readonly byName: ReadonlyMap<string, ElfSection>;
  /** Whether it has no `.symtab`. */
  readonly stripped: boolean;
  /** Of `.symtab`, else of `.dynsym`. */
  readonly symbols: readonly ElfSymbol[];
  readonly bytes: (section: ElfSection) => Buffer;
  /** Where a section is in memory; in object files, which have no addresses yet, a place of its own. */
  readonly base: (section: ElfSection) => number;
}

/** @throws SamesourceError `archive-unsafe` */
export function imageOf(side: Side): Image {
  const { view } = side;
  const elf = readElf(view);
  const names = sectionNames(elf);
  const held = new Map<number, Buffer>();
  const table =
    elf.sections.find(({ type }) => type === sectionTypes.symbols) ??
    elf.sections.find(({ type }) => type === sectionTypes.dynamicSymbols);
  return {
    side,
    view,
    elf,
    names,
    stripped: table?.type !== sectionTypes.symbols,
    byName: new Map(elf.sections.filter(({ index }) => index > 0).map((one) => [names[one.index] ?? '', one])),
    symbols: table === undefined ? [] : readSymbols(view, elf, table),
    bytes(section) {
      const found = held.get(section.index);
      if (found !== undefined) return found;
      const bytes = hasBytes(section) ? view.read(section.at, section.size) : Buffer.alloc(0);
      held.set(section.index, bytes);
      return bytes;
    },
    base: (section) => (elf.type === fileTypes.relocatable ? (section.index + 1) * 2 ** 32 : section.address),
  };
}

/** Whether a section has a place in memory of its own that can be told: `.tbss` is only a size. */
export function isPlaced({ elf }: Image, section: ElfSection): boolean {
  const threads = 0x400;
  const noPlace = section.type === sectionTypes.noBits && Math.floor(section.flags / threads) % 2 === 1;
  const relocatable = elf.type === fileTypes.relocatable;
  const known = relocatable || Number.isSafeInteger(section.address + section.size);
  return (isLoaded(section) || relocatable) && !noPlace && known && section.index > 0;
}
