/** Lays functions and variables side by side by the names that symbols give them. */
import type { ElfSection } from '../../../format/elf.ts';
import { symbolTypes } from '../../../format/elf-symbols.ts';
import type { Piece } from './align.ts';
import type { Image } from './image.ts';

export interface Part {
  /** One in its section. */
  readonly key: string;
  /** As the symbol has it; empty for what lies between symbols. Untrusted. */
  readonly name: string;
  readonly at: number;
  readonly size: number;
}

/** A part of one side, and the part of the same name of the other. */
export interface NamedPiece extends Piece {
  readonly name: string;
}

export interface NamedPieces {
  /** In order of ours. */
  readonly pairs: readonly NamedPiece[];
  readonly onlyTheirs: readonly Part[];
  readonly onlyOurs: readonly Part[];
  /** Whether what both have stands in the same order. */
  readonly inOrder: boolean;
}

/** Pairs parts of the same key, in the order of ours. */
export function byName(theirs: readonly Part[], ours: readonly Part[]): NamedPieces {
  const places = new Map(theirs.map((part, index) => [part.key, { part, index }] as const));
  const pairs: NamedPiece[] = [];
  const onlyOurs: Part[] = [];
  const taken = new Set<string>();
  let [last, inOrder] = [-1, true];
  for (const part of ours) {
    const found = places.get(part.key);
    if (found === undefined) {
      onlyOurs.push(part);
      continue;
    }
    taken.add(part.key);
    inOrder &&= found.index > last;
    last = found.index;
    const [a, b] = [found.part, part];
    pairs.push({ name: part.name, theirs: a.at, theirsSize: a.size, ours: b.at, oursSize: b.size });
  }
  return { pairs, onlyTheirs: theirs.filter(({ key }) => !taken.has(key)), onlyOurs, inOrder };
}

/** A section cut where symbols start and end; what lies between goes with the symbol before it. */
export function partsOf(image: Image, section: ElfSection, kind: 'code' | 'data'): Part[] {
  const starts = startsOf(image, section, kind);
  const parts: Part[] = [];
  const seen = new Map<string, number>();
  const add = (name: string, at: number, end: number, of: string): void => {
    if (end <= at) return;
    const count = (seen.get(of) ?? 0) + 1;
    seen.set(of, count);
    parts.push({ key: `${of}\0${count}`, name, at, size: end - at });
  };
  const [first] = starts;
  add('', 0, first?.at ?? section.size, '');
  for (const [index, { name, at, size }] of starts.entries()) {
    const next = starts[index + 1]?.at ?? section.size;
    const end = Math.min(next, at + size);
    add(name, at, end, `=${name}`);
    add('', end, next, `+${name}`);
  }
  return parts;
}

interface Start {
  readonly name: string;
  readonly at: number;
  readonly size: number;
}

const codeTypes: ReadonlySet<number> = new Set([symbolTypes.function, symbolTypes.indirect, symbolTypes.none]);
const dataTypes: ReadonlySet<number> = new Set([symbolTypes.object]);

function startsOf(image: Image, section: ElfSection, kind: 'code' | 'data'): Start[] {
  const types = kind === 'code' ? codeTypes : dataTypes;
  const base = image.elf.type === 1 ? 0 : section.address;
  const found = new Map<number, Start>();
  for (const { name, value, size, type, section: index } of image.symbols) {
    if (index !== section.index || name === '' || !types.has(type)) continue;
    const at = value - base;
    if (!(at >= 0 && at < section.size && size >= 0) || (type === symbolTypes.none && kind === 'data')) continue;
    const held = found.get(at);
    // Of several names for one place, the larger thing's, then the first in the alphabet.
    if (held !== undefined && (held.size > size || (held.size === size && held.name <= name))) continue;
    found.set(at, { name, at, size });
  }
  return [...found.values()].toSorted((a, b) => a.at - b.at);
}
