/** Headers and load commands of Mach-O files (`mach-o/loader.h`). */
import type { View } from '../platform/view.ts';
import { type Fields, fieldsOf } from './fields.ts';

export interface MachOCommand {
  readonly at: number;
  readonly size: number;
  readonly type: number;
}

export interface MachOHeader {
  readonly endian: 'little' | 'big';
  readonly wide: boolean;
  readonly cpu: number;
  readonly subtype: number;
  /** Bytes of the header, without commands. */
  readonly size: number;
  readonly commands: readonly MachOCommand[];
  readonly commandsEnd: number;
}

export interface MachOSection {
  readonly name: string;
  readonly segment: string;
  readonly at: number;
  readonly size: number;
  /** Whether the file holds nothing of it. */
  readonly empty: boolean;
  readonly relocations: { readonly at: number; readonly count: number };
}

export interface MachOSegment {
  readonly name: string;
  readonly at: number;
  readonly size: number;
  readonly sections: readonly MachOSection[];
}

export const loadCommands = {
  segment: 0x1,
  symbols: 0x2,
  dynamicSymbols: 0xb,
  segment64: 0x19,
  uuid: 0x1b,
  codeSignature: 0x1d,
  splitInfo: 0x1e,
  dyldInfo: 0x22,
  dyldInfoOnly: 0x80000022,
  minimumMac: 0x24,
  minimumPhone: 0x25,
  functionStarts: 0x26,
  dataInCode: 0x29,
  sourceVersion: 0x2a,
  codeDirectories: 0x2b,
  linkerHints: 0x2e,
  buildVersion: 0x32,
  exports: 0x80000033,
  fixups: 0x80000034,
} as const;

/** As many as the kernel takes, and more. */
const mostCommands = 20_000;
const mostSections = 20_000;

export function isMachO(view: View): boolean {
  if (view.size < 28) return false;
  return magics[view.read(0, 4).readUInt32BE()] !== undefined;
}

const magics: Readonly<Record<number, { readonly endian: 'little' | 'big'; readonly wide: boolean }>> = {
  0xfeedface: { endian: 'big', wide: false },
  0xfeedfacf: { endian: 'big', wide: true },
  0xcefaedfe: { endian: 'little', wide: false },
  0xcffaedfe: { endian: 'little', wide: true },
};

/** @throws SamesourceError `archive-unsafe` */
export function machOHeader(view: View): MachOHeader {
  const kind = magics[fieldsOf('mach-o', view, 'big').u32(0)];
  const file = fieldsOf('mach-o', view, kind?.endian ?? 'little');
  if (kind === undefined) throw file.unsafe('no known mark');
  const size = kind.wide ? 32 : 28;
  const count = file.u32(16);
  const commandsEnd = size + file.u32(20);
  if (count > mostCommands) throw file.unsafe(`${count} load commands`);
  const commands: MachOCommand[] = [];
  let at = size;
  for (let index = 0; index < count; index++) {
    const command = { at, type: file.u32(at), size: file.u32(at + 4) };
    if (command.size < 8 || command.size % 4 !== 0) throw file.unsafe(`a load command of ${command.size} bytes`);
    commands.push(command);
    at += command.size;
  }
  if (at !== commandsEnd) throw file.unsafe(`load commands end at ${at} and at ${commandsEnd}`);
  if (at > view.size) throw file.unsafe('the load commands break off');
  return { ...kind, size, cpu: file.u32(4), subtype: file.u32(8), commands, commandsEnd };
}

export function machOFields(view: View, { endian }: MachOHeader): Fields {
  return fieldsOf('mach-o', view, endian);
}

/** @throws SamesourceError `archive-unsafe` */
export function machOSegments(view: View, header: MachOHeader): MachOSegment[] {
  const file = machOFields(view, header);
  const segments: MachOSegment[] = [];
  let sections = 0;
  for (const command of header.commands) {
    const wide = command.type === loadCommands.segment64;
    if (!wide && command.type !== loadCommands.segment) continue;
    const read = (at: number): number => (wide ? file.u64(at) : file.u32(at));
    const word = wide ? 8 : 4;
    const head = 24 + 4 * word + 16;
    if (command.size < head) throw file.unsafe(`a segment command of ${command.size} bytes`);
    const count = file.u32(command.at + head - 8);
    const each = wide ? 80 : 68;
    if (command.size !== head + count * each) throw file.unsafe(`${count} sections in ${command.size} bytes`);
    sections += count;
    if (sections > mostSections) throw file.unsafe(`more than ${mostSections} sections`);
    segments.push({
      name: file.name(command.at + 8, 16),
      at: read(command.at + 24 + 2 * word),
      size: read(command.at + 24 + 3 * word),
      sections: Array.from({ length: count }, (_, index) => readSection(file, command.at + head + index * each, wide)),
    });
  }
  return segments;
}

/** Types of sections that are zero in memory and absent in the file. */
const emptyTypes: ReadonlySet<number> = new Set([0x1, 0xc, 0x12]);

function readSection(file: Fields, at: number, wide: boolean): MachOSection {
  const word = wide ? 8 : 4;
  const rest = at + 32 + 2 * word;
  return {
    name: file.name(at, 16),
    segment: file.name(at + 16, 16),
    size: wide ? file.u64(at + 32 + word) : file.u32(at + 32 + word),
    at: file.u32(rest),
    relocations: { at: file.u32(rest + 8), count: file.u32(rest + 12) },
    empty: emptyTypes.has(file.u32(rest + 16) & 0xff),
  };
}

const cpus: Readonly<Record<number, string>> = {
  0x7: 'i386',
  0x01000007: 'x86_64',
  0xc: 'arm',
  0x0100000c: 'arm64',
  0x0200000c: 'arm64_32',
  0x12: 'ppc',
  0x01000012: 'ppc64',
};
const subtypes: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  x86_64: { 8: 'x86_64h' },
  arm64: { 2: 'arm64e' },
  arm: { 6: 'armv6', 9: 'armv7', 11: 'armv7s', 12: 'armv7k' },
};

/** As `lipo` names it. */
export function machOCpu(cpu: number, subtype: number): string {
  const name = cpus[cpu];
  if (name === undefined) return `cpu 0x${cpu.toString(16)} 0x${subtype.toString(16)}`;
  // The highest byte holds capabilities.
  return subtypes[name]?.[subtype & 0xffffff] ?? name;
}
