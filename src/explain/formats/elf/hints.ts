/**
 * Where code of both sides refers to, instruction by instruction: what likely stands in each other's
 * place. Only a hint for laying data side by side; whether it is alike is for the comparison to say.
 */
import { decodeX86, emptyInstruction } from '../../../format/disassembly-x86.ts';
import { type ElfSection, machines, sectionTypes } from '../../../format/elf.ts';
import { displaced } from '../../displaced.ts';
import { canDecode } from './code.ts';
import type { Image } from './image.ts';
import type { SectionMatch } from './matches.ts';
import { type Relocation, relocationsOf } from './relocations.ts';
import type { Place } from './reordered.ts';

/** Addresses of ours to addresses of theirs; each is the only one for the other. */
export function hintsFrom(theirs: Image, ours: Image, matches: readonly SectionMatch[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  if (!canDecode(ours.elf)) return found;
  const torn = new Set<number>();
  const note = (our: number, their: number): void => {
    const held = found.get(our);
    if (held === undefined) found.set(our, their);
    else if (held !== their) torn.add(our);
  };
  for (const match of matches) if (match.kind === 'code') scan(theirs, ours, match, note);
  for (const [one, other] of pointersOf(theirs, ours)) note(other.addend, one.addend);
  for (const one of torn) found.delete(one);
  return found;
}

const relative = 8;

/** Relocations that only say where something is, of both sides, one for one. */
export function pointersOf(theirs: Image, ours: Image): readonly (readonly [Relocation, Relocation])[] {
  const [left, right] = [theirs.byName.get('.rela.dyn'), ours.byName.get('.rela.dyn')];
  const fits = left !== undefined && left.size === right?.size && left.type === right.type;
  if (!fits || right.type !== sectionTypes.rela || ours.elf.machine !== machines.x64) return [];
  const others = relocationsOf(ours, right.index);
  return relocationsOf(theirs, left.index).flatMap((one, index) => {
    const other = others[index];
    return other?.type === relative && one.type === relative ? [[one, other] as const] : [];
  });
}

function scan(theirs: Image, ours: Image, match: SectionMatch, note: (our: number, their: number) => void): void {
  const [a, b] = [theirs.bytes(match.theirs), ours.bytes(match.ours)];
  const [from, to] = [theirs.base(match.theirs), ours.base(match.ours)];
  const wide = ours.elf.machine === machines.x64;
  const [left, right] = [emptyInstruction(), emptyInstruction()];
  for (const piece of match.pieces) {
    if (piece.theirsSize !== piece.oursSize) continue;
    for (let at = 0; at < piece.oursSize;) {
      const [i, j] = [piece.theirs + at, piece.ours + at];
      if (!decodeX86(b, j, piece.ours + piece.oursSize, wide, right)) break;
      if (!decodeX86(a, i, piece.theirs + piece.theirsSize, wide, left) || left.size !== right.size) break;
      at += right.size;
      const field = right.displacement > 0 ? right.displacement : right.immediateSize === 4 ? right.immediate : 0;
      if (field === 0 || right.branch) continue;
      if (right.relative)
        note(to + j + right.size + b.readInt32LE(j + field), from + i + right.size + a.readInt32LE(i + field));
      else note(b.readUInt32LE(j + field), a.readUInt32LE(i + field));
    }
  }
}

/** Offsets in a section of both sides that belong together, in order of ours. */
export function hintsIn(
  hints: ReadonlyMap<number, number>,
  theirs: { readonly base: number; readonly section: ElfSection },
  ours: { readonly base: number; readonly section: ElfSection },
): Place[] {
  const found: Place[] = [];
  for (const [our, their] of hints) {
    const [i, j] = [their - theirs.base, our - ours.base];
    if (i >= 0 && j >= 0 && i < theirs.section.size && j < ours.section.size) found.push({ theirs: i, ours: j });
  }
  found.sort((a, b) => a.ours - b.ours || a.theirs - b.theirs);
  const seen = new Set<number>();
  return found.filter(({ theirs: i }) => !seen.has(i) && seen.add(i));
}

/** Those that rise on both sides, but for the starts of both. */
export function inOrder(places: readonly Place[]): Place[] {
  const moved = new Set(displaced(places.map(({ theirs }) => theirs)));
  return places.filter(({ theirs, ours }, index) => !moved.has(index) && theirs > 0 && ours > 0);
}
