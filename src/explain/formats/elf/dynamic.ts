import { elfNumbers } from '../../../format/elf.ts';
import { mapped } from './addresses.ts';
import type { SectionMatch } from './matches.ts';
import { type Entries, sameName, type TableContext } from './table-context.ts';

/** Tags whose value is an offset of a string: needed libraries, own name, search paths. */
const strings: ReadonlySet<number> = new Set([1, 14, 15, 29]);
/** Tags whose value is the size of a section, to its names. */
const sizes: Readonly<Record<number, readonly string[]>> = {
  2: ['.rela.plt', '.rel.plt'],
  8: ['.rela.dyn'],
  10: ['.dynstr'],
  18: ['.rel.dyn'],
  28: ['.fini_array'],
  27: ['.init_array'],
  33: ['.preinit_array'],
  35: ['.relr.dyn'],
};
/** Tags whose value is an address. */
const addressTags: ReadonlySet<number> = new Set([
  3, 4, 5, 6, 7, 12, 13, 17, 23, 25, 26, 32, 36, 0x6ffffef5, 0x6ffffff0, 0x6ffffffc, 0x6ffffffe,
]);

/** Of the dynamic section: a tag and a value each. */
export function dynamicEntries(match: SectionMatch, context: TableContext): Entries {
  const { theirs, ours, addresses, matches } = context;
  const [a, b] = [theirs.bytes(match.theirs), ours.bytes(match.ours)];
  const { address } = elfNumbers(ours.elf);
  const word = ours.elf.bits === 64 ? 8 : 4;
  const tag = (bytes: Buffer, index: number): number => address(bytes, index * 2 * word);
  const names = matches.get('.dynstr');
  const value = (bytes: Buffer, index: number): number => address(bytes, index * 2 * word + word);
  return {
    size: 2 * word,
    keys: (side) => {
      const bytes = side === 'theirs' ? a : b;
      return Array.from({ length: Math.floor(bytes.length / (2 * word)) }, (_, index) => String(tag(bytes, index)));
    },
    name: (side, index) => `tag ${tag(side === 'theirs' ? a : b, index)}`,
    same(i, j) {
      const kind = tag(b, j);
      const [left, right] = [value(a, i), value(b, j)];
      if (tag(a, i) !== kind) return false;
      if (strings.has(kind)) return sameName(context, names, left, right, (at) => mapped(names?.pieces ?? [], at));
      if (addressTags.has(kind))
        return addresses.same(left, right) || (left === right && addresses.within(right) === undefined);
      return left === right || isSize(sizes[kind] ?? [], matches, left, right);
    },
  };
}

function isSize(
  names: readonly string[],
  matches: ReadonlyMap<string, SectionMatch>,
  left: number,
  right: number,
): boolean {
  const found = names.map((name) => matches.get(name));
  return found.some((match) => match?.theirs.size === left && match.ours.size === right);
}
