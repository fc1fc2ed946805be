import type { View } from '../platform/view.ts';
import { type Elf, type ElfSection, elfNumbers, hasBytes } from './elf.ts';

export interface ElfSymbol {
  /** Untrusted, at most 1000 characters. */
  readonly name: string;
  readonly value: number;
  readonly size: number;
  readonly type: number;
  readonly binding: number;
  readonly other: number;
  /** Index of its section, or a reserved number. */
  readonly section: number;
}

export const symbolTypes = { none: 0, object: 1, function: 2, section: 3, file: 4, tls: 6, indirect: 10 } as const;

/** More are not read; the table is compared as bytes. */
const mostSymbols = 2_000_000;
const longest = 1000;

export function symbolSize({ bits }: Pick<Elf, 'bits'>): 16 | 24 {
  return bits === 64 ? 24 : 16;
}

/** The symbols of a table, the first and empty one included. */
export function readSymbols(view: View, elf: Elf, table: ElfSection): readonly ElfSymbol[] {
  const entry = symbolSize(elf);
  const names = elf.sections[table.link];
  const count = Math.floor(table.size / entry);
  if (!hasBytes(table) || names === undefined || !hasBytes(names) || count > mostSymbols) return [];
  const bytes = view.read(table.at, table.size);
  const strings = view.read(names.at, names.size);
  const { u16, u32, size, address } = elfNumbers(elf);
  const wide = elf.bits === 64;
  return Array.from({ length: count }, (_, index) => {
    const at = index * entry;
    const info = bytes[at + (wide ? 4 : 12)] ?? 0;
    return {
      name: nameAt(strings, u32(bytes, at)),
      value: address(bytes, at + (wide ? 8 : 4)),
      size: wide ? address(bytes, at + 16) : size(bytes, at + 8),
      type: info & 15,
      binding: info >> 4,
      other: bytes[at + (wide ? 5 : 13)] ?? 0,
      section: u16(bytes, at + (wide ? 6 : 14)),
    };
  });
}

function nameAt(strings: Buffer, at: number): string {
  if (at === 0 || at >= strings.length) return '';
  const size = strings.subarray(at, at + longest).indexOf(0);
  return strings.toString('latin1', at, at + (size === -1 ? longest : size));
}
