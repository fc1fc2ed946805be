/** What the numbers in ELF files are called, and what its sections are for. */
import { type Elf, type ElfSection, type ElfSegment, fileTypes, isLoaded, sectionTypes } from '../format/elf.ts';
import type { RegionClass } from '../model/region.ts';

const types: Readonly<Record<number, string>> = {
  1: 'object file',
  2: 'program',
  3: 'shared library, or program that is loaded anywhere',
  4: 'core',
};

const machineNames: Readonly<Record<number, string>> = {
  2: 'SPARC',
  3: 'x86',
  8: 'MIPS',
  20: 'PowerPC',
  21: 'PowerPC 64',
  22: 's390',
  40: 'ARM',
  43: 'SPARC 9',
  62: 'x86-64',
  183: 'ARM 64',
  243: 'RISC-V',
  247: 'BPF',
  258: 'LoongArch',
};

const segmentTypes: Readonly<Record<number, string>> = {
  1: 'LOAD',
  2: 'DYNAMIC',
  3: 'INTERP',
  4: 'NOTE',
  6: 'PHDR',
  7: 'TLS',
  0x6474e550: 'EH_FRAME',
  0x6474e551: 'STACK',
  0x6474e552: 'RELRO',
  0x6474e553: 'PROPERTY',
};

export function typeName(type: number): string {
  return types[type] ?? `type ${type}`;
}

export function machineName(machine: number): string {
  return machineNames[machine] ?? `machine ${machine}`;
}

export function segmentName({ type }: ElfSegment, index: number): string {
  return `segment ${index} ${segmentTypes[type] ?? type.toString(16)}`;
}

/** Those of DWARF 2 to 5, stabs and GNU: another name after `.debug_` is no debugger's. */
const debug =
  /^(?:\.rela?)?\.z?debug_(?:abbrev|addr|aranges|frame|gdb_scripts|gnu_pub(?:names|types)|info|line|line_str|loc|loclists|macinfo|macro|names|pubnames|pubtypes|ranges|rnglists|str|str_offsets|sup|types|[ct]u_index)(?:\.dwo)?$|^\.(?:stab(?:str)?|gdb_index|symtab|symtab_shndx|strtab|gnu_debugdata)$/;

/** By what a section is for when the program runs. */
export function sectionClass({ type }: Pick<Elf, 'type'>, section: ElfSection): RegionClass {
  if (section.type === sectionTypes.note) return 'metadata';
  if (isLoaded(section)) return 'content';
  // What a linker takes from object files is what they are there for.
  if (type === fileTypes.relocatable && !/debug|^\.(comment|note)/.test(section.name)) return 'content';
  if (section.name === '.shstrtab') return 'structure';
  return debug.test(section.name) ? 'debug' : 'metadata';
}

/** Names of sections, of which object files have many alike: `.group`, `.group 2`. */
export function sectionNames(file: Elf): string[] {
  const seen = new Map<string, number>();
  return file.sections.map(({ name, index }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const plain = name === '' ? `section ${index}` : name;
    return count === 1 ? plain : `${plain} ${count}`;
  });
}
