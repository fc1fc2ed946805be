import { elfNumbers, fileTypes, sectionTypes } from '../../../format/elf.ts';
import { type ElfSymbol, symbolTypes } from '../../../format/elf-symbols.ts';
import type { Image } from './image.ts';
import type { SectionMatch } from './matches.ts';
import { type Entries, symbolsOf, type TableContext } from './table-context.ts';

export interface Relocation {
  readonly offset: number;
  readonly type: number;
  readonly symbol: number;
  readonly addend: number;
}

/** Of a section of relocations, with or without addends. */
export function relocationEntries(match: SectionMatch, context: TableContext): Entries {
  const { theirs, ours, addresses } = context;
  const [left, right] = [relocationsOf(theirs, match.theirs.index), relocationsOf(ours, match.ours.index)];
  const [leftSymbols, rightSymbols] = symbolsOf(match, context);
  const target = (image: Image, info: number): number => {
    const section = image.elf.sections[info];
    return image.elf.type === fileTypes.relocatable && section !== undefined ? image.base(section) : 0;
  };
  const bases = { theirs: target(theirs, match.theirs.info), ours: target(ours, match.ours.info) };
  const name = (side: 'theirs' | 'ours', index: number): string => {
    const image = side === 'theirs' ? theirs : ours;
    const one = (side === 'theirs' ? left : right)[index];
    return nameOf(image, (side === 'theirs' ? leftSymbols : rightSymbols)[one?.symbol ?? 0]);
  };
  return {
    size: sizeOf(ours, match.ours.type === sectionTypes.rela),
    keys: (side) => (side === 'theirs' ? left : right).map(({ type }, index) => `${type}\0${name(side, index)}`),
    name: (side, index) => name(side, index) || `entry ${index}`,
    same(i, j) {
      const [one, other] = [left[i], right[j]];
      if (one === undefined || other === undefined || one.type !== other.type) return false;
      if (!addresses.same(bases.theirs + one.offset, bases.ours + other.offset)) return false;
      const [theirSymbol, ourSymbol] = [leftSymbols[one.symbol], rightSymbols[other.symbol]];
      if ((one.symbol === 0) !== (other.symbol === 0)) return false;
      if (one.symbol !== other.symbol && (theirSymbol === undefined || ourSymbol === undefined)) return false;
      if (nameOf(theirs, theirSymbol) !== nameOf(ours, ourSymbol)) return false;
      return sameAddend(context, one, other, ourSymbol, match.name);
    },
  };
}

/** Without a symbol the addend is an address; with that of a section, an offset in it. */
function sameAddend(
  { theirs, ours, addresses, matches }: TableContext,
  one: Relocation,
  other: Relocation,
  symbol: ElfSymbol | undefined,
  name: string,
): boolean {
  if (one.addend === other.addend && (addresses.still || other.symbol !== 0)) return true;
  if (other.symbol === 0) return addresses.same(one.addend, other.addend) || one.addend === other.addend;
  if (symbol?.type !== symbolTypes.section) return false;
  const section = ours.elf.sections[symbol.section];
  const match = matches.get(ours.names[symbol.section] ?? '');
  if (section === undefined || match === undefined) return false;
  // Distances from the place itself count from its end.
  const shift = name.includes('.text') || other.type === 2 ? 4 : 0;
  const [a, b] = [theirs.base(match.theirs) + one.addend, ours.base(section) + other.addend];
  return addresses.same(a, b) || addresses.same(a + shift, b + shift);
}

function nameOf({ names }: Image, symbol: ElfSymbol | undefined): string {
  if (symbol === undefined) return '';
  return symbol.type === symbolTypes.section ? (names[symbol.section] ?? '') : symbol.name;
}

function sizeOf({ elf }: Image, rela: boolean): number {
  return (elf.bits === 64 ? 8 : 4) * (rela ? 3 : 2);
}

/** Those of a section, by its index. */
export function relocationsOf(image: Image, index: number): Relocation[] {
  const section = image.elf.sections[index];
  if (section === undefined) return [];
  const bytes = image.bytes(section);
  const { address, u32 } = elfNumbers(image.elf);
  const [wide, rela] = [image.elf.bits === 64, section.type === sectionTypes.rela];
  const size = sizeOf(image, rela);
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, number) => {
    const at = number * size;
    const word = wide ? 8 : 4;
    const info = u32(bytes, at + word + (wide && !image.elf.little ? 4 : 0));
    const high = wide ? u32(bytes, at + word + (image.elf.little ? 4 : 0)) : 0;
    const addend = rela ? signed(address(bytes, at + 2 * word), wide) : 0;
    const offset = address(bytes, at);
    return wide
      ? { offset, type: info, symbol: high, addend }
      : { offset, type: info & 255, symbol: info >>> 8, addend };
  });
}

/** Addends of 64 bits come with their sign. */
function signed(value: number, wide: boolean): number {
  return wide || value < 2 ** 31 ? value : value - 2 ** 32;
}
