/** Recomputes the build-id that a linker made of the file's content. */
import { digestStream } from '../platform/digest.ts';
import type { View } from '../platform/view.ts';
import { type Elf, type ElfSection, hasBytes, sectionTypes } from './elf.ts';

const window = 1024 * 1024;
const noContent = new Set(['.symtab', '.strtab', '.shstrtab']);

/**
 * GNU ld (bfd/elf.c, `bfd_elf64_checksum_contents`): headers without the offsets of the tables, then
 * each section's header without its offset and its content; the tables that `strip` may rewrite are
 * left out, and the note itself is zero. Found to hold for 2.40.
 * @param size bytes of the id: 20 for SHA-1, 16 for MD5
 */
export function gnuBuildId(view: View, elf: Elf, size: number): Buffer | undefined {
  if (size !== 20 && size !== 16) return undefined;
  const digest = digestStream(size === 20 ? 'sha1' : 'md5');
  const [wide, { headerSize }] = [elf.bits === 64, elf];
  const header = Buffer.from(view.read(0, headerSize));
  header.fill(0, wide ? 32 : 28, wide ? 48 : 36);
  digest.update(header);
  const { at, count, entry } = elf.segmentTable;
  digest.update(view.read(at, count * entry));
  for (const section of elf.sections) {
    const from = elf.sectionTable.at + section.index * elf.sectionTable.entry;
    const own = Buffer.from(view.read(from, elf.sectionTable.entry));
    own.fill(0, wide ? 24 : 16, wide ? 32 : 20);
    digest.update(own);
    if (hasBytes(section) && !noContent.has(section.name)) updateContent(digest, view, section);
  }
  return digest.digest();
}

function updateContent(digest: ReturnType<typeof digestStream>, view: View, section: ElfSection): void {
  if (section.type === sectionTypes.note && section.name === '.note.gnu.build-id') {
    digest.update(Buffer.alloc(Math.min(section.size, window)));
    return;
  }
  for (let done = 0; done < section.size; done += window) {
    digest.update(view.read(section.at + done, Math.min(window, section.size - done)));
  }
}
