import { type Elf, type ElfSection, hasBytes, elfNumbers, sectionTypes } from './elf.ts';
import type { View } from '../platform/view.ts';

export interface ElfNote {
  /** Offset in the section, bytes, of the note and of what it says. */
  readonly at: number;
  readonly descriptionAt: number;
  /** Bytes of what it says, without padding. */
  readonly size: number;
  /** With its padding. */
  readonly end: number;
  /** `GNU`, `Go`, ... untrusted. */
  readonly owner: string;
  readonly type: number;
}

/** Larger note sections, as in core files, are taken whole. */
const largest = 1024 * 1024;

/** The notes of a section; none if it cannot be read as notes to its end. */
export function readNotes(view: View, elf: Elf, section: ElfSection): readonly ElfNote[] {
  if (section.type !== sectionTypes.note || !hasBytes(section) || section.size > largest) return [];
  const bytes = view.read(section.at, section.size);
  const { u32 } = elfNumbers(elf);
  const step = section.align === 8 ? 8 : 4;
  const notes: ElfNote[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + 12 > bytes.length) return [];
    const [nameSize, size] = [u32(bytes, at), u32(bytes, at + 4)];
    const descriptionAt = rounded(at + 12 + nameSize, step);
    const end = rounded(descriptionAt + size, step);
    if (end > bytes.length) return [];
    const owner = bytes.toString('latin1', at + 12, at + 12 + Math.min(nameSize, 64)).replace(/\0+$/, '');
    notes.push({ at, descriptionAt, size, end, owner, type: u32(bytes, at + 8) });
    at = end;
  }
  return notes;
}

/** NT_GNU_BUILD_ID and Go's, which its linker writes into the same place. */
export function isBuildId({ owner, type }: ElfNote): boolean {
  return (owner === 'GNU' && type === 3) || (owner === 'Go' && type === 4);
}

/** Where the linker's build-id stands in the file. */
export function buildIdOf(view: View, elf: Elf): { readonly at: number; readonly size: number } | undefined {
  for (const section of elf.sections) {
    const note = readNotes(view, elf, section).find(({ owner, type }) => owner === 'GNU' && type === 3);
    if (note !== undefined) return { at: section.at + note.descriptionAt, size: note.size };
  }
  return undefined;
}

function rounded(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
