import { elfNumbers } from '../../../format/elf.ts';
import { type ElfSymbol, readSymbols, symbolSize, symbolTypes } from '../../../format/elf-symbols.ts';
import { mapped } from './addresses.ts';
import type { Image } from './image.ts';
import type { SectionMatch } from './matches.ts';
import { type Entries, sameName, type TableContext } from './table-context.ts';

/** Undefined for a table without symbols, or with too many. */
export function symbolEntries(match: SectionMatch, context: TableContext): Entries | undefined {
  const { theirs, ours, matches } = context;
  const left = readSymbols(theirs.view, theirs.elf, match.theirs);
  const right = readSymbols(ours.view, ours.elf, match.ours);
  if (left.length === 0 || right.length === 0) return undefined;
  const size = symbolSize(ours.elf);
  const names = matches.get(ours.names[match.ours.link] ?? '');
  const [a, b] = [theirs.bytes(match.theirs), ours.bytes(match.ours)];
  const { u32 } = elfNumbers(ours.elf);
  const resized = resizedNames(matches);
  return {
    size,
    keys: (side) => (side === 'theirs' ? left : right).map((one) => `${one.name}\0${one.type}\0${one.binding}`),
    name: (side, index) => nameOf(side === 'theirs' ? theirs : ours, (side === 'theirs' ? left : right)[index]),
    same(i, j) {
      const [one, other] = [left[i], right[j]];
      if (one === undefined || other === undefined) return false;
      const alike = one.type === other.type && one.binding === other.binding && one.other === other.other;
      if (!alike || !sameSection(context, one, other)) return false;
      if (one.size !== other.size && !resized.has(other.name)) return false;
      const offset = (at: number): number | undefined => mapped(names?.pieces ?? [], at);
      if (one.name !== other.name && !sameName(context, names, u32(a, i * size), u32(b, j * size), offset))
        return false;
      // Without a name, an offset says nothing, and has to be the same.
      const named =
        one.name !== '' || u32(a, i * size) === u32(b, j * size) || offset(u32(b, j * size)) === u32(a, i * size);
      return named && sameValue(context, one, other);
    },
  };
}

function nameOf({ names }: Image, symbol: ElfSymbol | undefined): string {
  if (symbol === undefined) return '';
  return symbol.name === '' ? (names[symbol.section] ?? '') : symbol.name;
}

/** Functions whose code has another length: told as code, so that the symbol follows from it. */
function resizedNames(matches: ReadonlyMap<string, SectionMatch>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { named } of matches.values()) {
    for (const pair of named?.pairs ?? []) if (pair.theirsSize !== pair.oursSize) found.add(pair.name);
  }
  return found;
}

const reserved = 0xff00;

function sameSection({ theirs, ours }: TableContext, one: ElfSymbol, other: ElfSymbol): boolean {
  if (one.section >= reserved || other.section >= reserved || one.section === 0 || other.section === 0) {
    return one.section === other.section;
  }
  return theirs.names[one.section] === ours.names[other.section];
}

function sameValue({ theirs, ours, addresses }: TableContext, one: ElfSymbol, other: ElfSymbol): boolean {
  const plain = one.value === other.value;
  const isPlain = other.section === 0 || other.section >= reserved || other.type === symbolTypes.tls;
  if (isPlain) return plain;
  const [left, right] = [theirs.elf.sections[one.section], ours.elf.sections[other.section]];
  if (left === undefined || right === undefined) return plain;
  const [from, to] = ours.elf.type === 1 ? [theirs.base(left), ours.base(right)] : [0, 0];
  return addresses.same(one.value + from, other.value + to) || (plain && addresses.still);
}
