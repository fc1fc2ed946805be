/** Records of call frame information: each begins with its own length. */
import type { Image } from './image.ts';
import type { ElfSection } from '../../../format/elf.ts';
import type { Part } from './named.ts';

/** The records of `.eh_frame`, numbered; none if they do not follow one another to the end. */
export function frameParts(image: Image, section: ElfSection): Part[] {
  const bytes = image.bytes(section);
  const parts: Part[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = image.elf.little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
    const size = length === 0xffffffff ? 0 : length + 4;
    if (size === 0 || at + size > bytes.length) return [];
    parts.push({ key: String(parts.length), name: '', at, size });
    at += size;
  }
  return parts;
}
