/** Records of call frame information: each begins with its own length (LSB, "Exception Frames"). */
import type { ElfSection } from '../../../format/elf.ts';
import type { Image } from './image.ts';
import type { Part } from './named.ts';

interface Frame {
  /** Offset in the section, and bytes. */
  readonly at: number;
  readonly size: number;
  /** Address of the function that it is for; absent for what several have in common. */
  readonly start?: number;
}

/** Absent if the records do not follow one another to the end. */
function framesOf(image: Image, section: ElfSection): readonly Frame[] | undefined {
  const bytes = image.bytes(section);
  const { little } = image.elf;
  const u32 = (at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const frames: Frame[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = u32(at);
    const size = length + 4;
    if (length === 0xffffffff || at + size > bytes.length) return undefined;
    const isFor = length >= 12 && u32(at + 4) !== 0;
    const distance = isFor ? (little ? bytes.readInt32LE(at + 8) : bytes.readInt32BE(at + 8)) : 0;
    frames.push({ at, size, ...(isFor ? { start: image.base(section) + at + 8 + distance } : {}) });
    at += size;
  }
  return frames;
}

/** The records of `.eh_frame`, by the function that they are for, or numbered; none if they cannot be read. */
export function frameParts(image: Image, section: ElfSection): Part[] {
  const names = new Map<number, string>();
  for (const { name, value, type } of image.symbols) if (type === 2 && !names.has(value)) names.set(value, name);
  let number = 0;
  const seen = new Map<string, number>();
  return (framesOf(image, section) ?? []).map(({ at, size, start }) => {
    const name = start === undefined ? undefined : names.get(start);
    const of = name === undefined ? `${start === undefined}${number++}` : `=${name}`;
    const count = (seen.get(of) ?? 0) + 1;
    seen.set(of, count);
    return { key: `${of}\0${count}`, name: '', at, size };
  });
}

/** Whether `.eh_frame_hdr` is the sorted table of the records' functions that it has to be. */
export function isTableOfFrames(image: Image): boolean {
  const [frames, header] = [image.byName.get('.eh_frame'), image.byName.get('.eh_frame_hdr')];
  if (frames === undefined || header === undefined || !image.elf.little) return false;
  const bytes = image.bytes(header);
  // Version 1; distances from the pointer itself, a count, and distances from the table's section.
  if (bytes.length < 12 || bytes.readUInt32BE(0) !== 0x011b033b) return false;
  const base = image.base(header);
  const starts = (framesOf(image, frames) ?? []).flatMap(({ at, start }) => (start === undefined ? [] : [[start, at]]));
  const rows = starts.map(([start = 0, at = 0]) => [start - base, image.base(frames) + at - base] as const);
  rows.sort((a, b) => a[0] - b[0]);
  const fits = bytes.readInt32LE(4) === image.base(frames) - base - 4 && bytes.readUInt32LE(8) === rows.length;
  if (!fits || bytes.length !== 12 + rows.length * 8) return false;
  return rows.every(([start, at], index) => {
    return bytes.readInt32LE(12 + index * 8) === start && bytes.readInt32LE(16 + index * 8) === at;
  });
}
