import { type Elf, type ElfSegment, hasBytes, isElf, readElf } from '../format/elf.ts';
import { isZero, type View } from '../platform/view.ts';
import type { RegionClass } from '../model/region.ts';
import { coverOf } from './cover.ts';
import { elfFacts } from './elf-facts.ts';
import { headerParts, sectionHeaderParts, segmentHeaderParts } from './elf-headers.ts';
import { sectionClass, sectionNames, segmentName } from './elf-names.ts';
import type { Format, LedgerRegion } from './types.ts';

/** Programs, shared libraries, object files and core files of Unix systems. */
export const elf: Format = {
  recognises: isElf,
  read(view) {
    const file = readElf(view);
    const cover = coverOf('elf', view);
    for (const { at, size, kind, name, parts } of filled(view, placed(file))) {
      cover.add(at, size, kind, name, parts === undefined ? {} : { parts });
    }
    return { format: 'elf', regions: cover.finish(), members: [], facts: elfFacts(view, file) };
  },
};

interface Piece {
  readonly at: number;
  readonly size: number;
  readonly kind: RegionClass;
  readonly name: string;
  readonly parts?: NonNullable<LedgerRegion['parts']>;
}

function placed(file: Elf): Piece[] {
  const { segmentTable: segments, sectionTable: sections } = file;
  const tables: Piece[] = [
    { at: 0, size: file.headerSize, kind: 'structure', name: 'ELF header', parts: () => headerParts(file) },
    {
      at: segments.at,
      size: segments.count * segments.entry,
      kind: 'structure',
      name: 'program headers',
      parts: () => segmentHeaderParts(file),
    },
    {
      at: sections.at,
      size: sections.count * sections.entry,
      kind: 'structure',
      name: 'section headers',
      parts: () => sectionHeaderParts(file),
    },
  ];
  const held = tables.filter(({ size }) => size > 0);
  const grounds = file.sections.some(hasBytes) ? sectionPieces(file) : segmentPieces(file, held);
  return [...held, ...grounds].toSorted((a, b) => a.at - b.at || a.size - b.size);
}

/** Sections that share bytes are one region, under both names. */
function sectionPieces(file: Elf): Piece[] {
  const names = sectionNames(file);
  const sorted = file.sections.filter(hasBytes).toSorted((a, b) => a.at - b.at || a.size - b.size);
  const pieces: Piece[] = [];
  for (const section of sorted) {
    const name = names[section.index] ?? '';
    const before = pieces.at(-1);
    const kind = sectionClass(file, section);
    if (before === undefined || section.at >= before.at + before.size) {
      pieces.push({ at: section.at, size: section.size, kind, name });
      continue;
    }
    const size = Math.max(before.at + before.size, section.at + section.size) - before.at;
    const both = `${before.name} and ${name}`.slice(0, 200);
    pieces[pieces.length - 1] = { at: before.at, size, kind: before.kind === kind ? kind : 'opaque', name: both };
  }
  return pieces;
}

/** Without section headers, what is loaded is all that is known; the tables at the start lie in it. */
function segmentPieces(file: Elf, held: readonly Piece[]): Piece[] {
  const pieces: Piece[] = [];
  const taken = held.map(({ at, size }) => ({ at, end: at + size })).toSorted((a, b) => a.at - b.at);
  let end = 0;
  const inOrder = [...file.segments.entries()].toSorted(byPlace);
  for (const [index, segment] of inOrder) {
    const stop = segment.at + segment.fileSize;
    let from = Math.max(end, segment.at);
    const name = segmentName(segment, index);
    for (const one of taken) {
      if (one.at >= stop || one.end <= from) continue;
      if (one.at > from) pieces.push({ at: from, size: one.at - from, kind: 'content', name });
      from = one.end;
    }
    if (from < stop) pieces.push({ at: from, size: stop - from, kind: 'content', name });
    end = Math.max(end, stop);
  }
  return pieces;
}

/** Outer before inner: what a loaded segment holds is told as that. */
function byPlace([, a]: readonly [number, ElfSegment], [, b]: readonly [number, ElfSegment]): number {
  return a.at - b.at || b.fileSize - a.fileSize;
}

/** Between the pieces only zeros are padding; behind the last one is what no loader reads. */
function filled(view: View, pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  let end = 0;
  let before = 'the start';
  for (const piece of pieces) {
    const { at, name } = piece;
    if (at > end) all.push(gap(view, end, at - end, `between ${before} and ${name}`));
    all.push(piece);
    end = Math.max(end, at + piece.size);
    before = name;
  }
  const size = view.size - end;
  if (size > 0) all.push({ at: end, size, kind: 'overlay', name: 'bytes after the end' });
  return all;
}

function gap(view: View, at: number, size: number, where: string): Piece {
  if (isZero(view, at, size)) return { at, size, kind: 'padding', name: `padding ${where}` };
  return { at, size, kind: 'opaque', name: `bytes ${where}` };
}
