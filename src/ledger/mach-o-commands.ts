/** The load commands of a Mach-O file, each in fields where a person would ask for them. */
import { loadCommands as kinds, machOFields, type MachOCommand, type MachOHeader } from '../format/mach-o.ts';
import type { View } from '../platform/view.ts';
import type { FieldSpec, Layout } from './layout.ts';

/** Gives what they say of the file as a whole. */
export function addCommands(layout: Layout, view: View, header: MachOHeader): Record<string, string> {
  const file = machOFields(view, header);
  const facts: Record<string, string> = {};
  const u32 = (bytes: Buffer): number => (header.endian === 'little' ? bytes.readUInt32LE() : bytes.readUInt32BE());
  const counts = new Map<string, number>();
  for (const command of header.commands) {
    const name = nameOf(command, () => file.name(command.at + 8, 16));
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const specs = (fieldsFor[command.type] ?? plain)(command, u32);
    const told = specs.reduce((sum, [, size]) => sum + size, 0);
    if (told + 8 > command.size) throw file.unsafe(`${name} of ${command.size} bytes`);
    const all: FieldSpec[] = [
      ['command', 8, 'structure', () => name],
      ...specs,
      ['command rest', command.size - 8 - told, 'structure'],
    ];
    layout.fields(command.at, all, count === 1 ? name : `${name} ${count}`);
    if (command.type === kinds.uuid) facts['uuid'] = uuidText(file.bytes(command.at + 8, 16));
    if (command.type === kinds.codeSignature) facts['signed'] = 'yes';
    if (command.type === kinds.buildVersion) facts['sdk'] = versionText(file.u32(command.at + 16));
  }
  return facts;
}

function nameOf({ type }: MachOCommand, segment: () => string): string {
  if (type === kinds.segment || type === kinds.segment64) return `segment ${segment()}`;
  return names.get(type) ?? `command 0x${type.toString(16)}`;
}

const names: ReadonlyMap<number, string> = new Map([
  [kinds.symbols, 'symbol tables'],
  [kinds.dynamicSymbols, 'dynamic symbol tables'],
  [kinds.uuid, 'uuid'],
  [kinds.codeSignature, 'code signature command'],
  [kinds.splitInfo, 'split info'],
  [kinds.dyldInfo, 'dyld info'],
  [kinds.dyldInfoOnly, 'dyld info'],
  [kinds.functionStarts, 'function starts'],
  [kinds.dataInCode, 'data in code'],
  [kinds.codeDirectories, 'code directories'],
  [kinds.linkerHints, 'linker hints'],
  [kinds.exports, 'exports'],
  [kinds.fixups, 'fixups'],
  [kinds.minimumMac, 'minimum version'],
  [kinds.minimumPhone, 'minimum version'],
  [kinds.sourceVersion, 'source version'],
  [kinds.buildVersion, 'build version'],
  [0xc, 'library'],
  [0xd, 'library id'],
  [0xe, 'loader'],
  [0x80000018, 'weak library'],
  [0x8000001c, 'run path'],
  [0x8000001f, 'exported library'],
  [0x80000028, 'entry point'],
]);

type FieldsFor = (command: MachOCommand, u32: (bytes: Buffer) => number) => FieldSpec[];

const plain: FieldsFor = () => [];

const fieldsFor: Readonly<Record<number, FieldsFor>> = {
  [kinds.uuid]: () => [['uuid', 16, 'metadata', uuidText]],
  [kinds.codeSignature]: (_, u32) => [
    ['code signature offset', 4, 'structure', (bytes) => String(u32(bytes))],
    ['code signature size', 4, 'structure', (bytes) => String(u32(bytes))],
  ],
  [kinds.sourceVersion]: () => [['source version', 8, 'metadata']],
  [kinds.minimumMac]: versions,
  [kinds.minimumPhone]: versions,
  [kinds.buildVersion]: (command, u32) => [
    ['platform', 4, 'structure', (bytes) => String(u32(bytes))],
    ...versions(command, u32),
    ['tool count', 4, 'structure', (bytes) => String(u32(bytes))],
    ...(command.size > 24
      ? [['tools', command.size - 24, 'metadata', (bytes: Buffer) => toolsText(bytes, u32)] as const]
      : []),
  ],
  // Sizes change when a signature is added: these stand alone.
  [kinds.segment64]: () => segmentFields(8),
  [kinds.segment]: () => segmentFields(4),
};

function segmentFields(word: number): FieldSpec[] {
  return [
    ['segment name', 16, 'structure'],
    ['memory address', word, 'structure'],
    ['memory size', word, 'structure'],
    ['file offset', word, 'structure'],
    ['file size', word, 'structure'],
  ];
}

function versions(_: MachOCommand, u32: (bytes: Buffer) => number): FieldSpec[] {
  const show = (bytes: Buffer): string => versionText(u32(bytes));
  return [
    ['minimum system', 4, 'structure', show],
    ['sdk', 4, 'metadata', show],
  ];
}

/** `xxxx.yy.zz` in one word. */
function versionText(version: number): string {
  return `${version >>> 16}.${(version >>> 8) & 0xff}.${version & 0xff}`;
}

const tools: Readonly<Record<number, string>> = { 1: 'clang', 2: 'swift', 3: 'ld', 4: 'lld' };

function toolsText(bytes: Buffer, u32: (bytes: Buffer) => number): string {
  const said: string[] = [];
  for (let at = 0; at + 8 <= Math.min(bytes.length, 128); at += 8) {
    const tool = u32(bytes.subarray(at, at + 4));
    said.push(`${tools[tool] ?? `tool ${tool}`} ${versionText(u32(bytes.subarray(at + 4, at + 8)))}`);
  }
  return said.join(', ');
}

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
