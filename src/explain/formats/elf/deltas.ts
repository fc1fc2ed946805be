import type { ElfSection } from '../../../format/elf.ts';
import type { RegionClass } from '../../../model/region.ts';
import { sectionClass } from '../../../ledger/elf-names.ts';
import type { Delta } from '../../types.ts';
import type { Piece } from './align.ts';
import type { Image } from './image.ts';

/** The two images, for what is told of their sections. */
export interface Images {
  readonly theirs: Image;
  readonly ours: Image;
}

export interface Told {
  readonly where: string;
  readonly field: string;
  readonly class?: RegionClass;
  readonly texts?: readonly [released: string, rebuilt: string];
}

/** A delta of two parts of one section; offsets are those of the section. */
export function sectionDelta(
  { theirs, ours }: Images,
  sections: { readonly theirs: ElfSection; readonly ours: ElfSection },
  piece: Piece,
  { where, field, class: kind, texts }: Told,
): Delta {
  const [a, b] = [sections.theirs.at + piece.theirs, sections.ours.at + piece.ours];
  return {
    where,
    field,
    class: kind ?? sectionClass(ours.elf, sections.ours),
    released: { at: a, size: piece.theirsSize, ...(texts === undefined ? {} : { text: texts[0].slice(0, 200) }) },
    rebuilt: { at: b, size: piece.oursSize, ...(texts === undefined ? {} : { text: texts[1].slice(0, 200) }) },
    bytes: weightOf(theirs.bytes(sections.theirs), ours.bytes(sections.ours), piece),
  };
}

/** Unequal bytes; at least one, since equal ones may mean something else now. */
function weightOf(a: Buffer, b: Buffer, piece: Piece): number {
  if (piece.theirsSize !== piece.oursSize) return Math.max(piece.theirsSize, piece.oursSize);
  let unequal = 0;
  for (let at = 0; at < piece.oursSize; at++) if (a[piece.theirs + at] !== b[piece.ours + at]) unequal++;
  return Math.max(1, unequal);
}

/** What one side alone has of a section that both have. */
export function onlyDelta(
  side: 'released' | 'rebuilt',
  { elf }: Image,
  section: ElfSection,
  { at, size }: { readonly at: number; readonly size: number },
  { where, field, class: kind }: Told,
): Delta {
  const span = { at: section.at + at, size };
  return { where, field, class: kind ?? sectionClass(elf, section), [side]: span, bytes: size };
}
