/** COFF header, optional header, directories and section headers of a PE file. */
import { isoTime } from '../format/iso-time.ts';
import { peDirectoryNames, type PeHeaders } from '../format/pe.ts';
import type { FieldSpec, Layout } from './layout.ts';

interface HeaderFacts {
  /** Whether the checksum is that of the file. */
  readonly fits: boolean;
  /** Whether the time stamps are a hash of the content. */
  readonly reproducible: boolean;
}

/** From the signature to the last section header. @throws SamesourceError `archive-unsafe` */
export function addHeaders(layout: Layout, headers: PeHeaders, facts: HeaderFacts): void {
  layout.fields(headers.peAt, [
    ['signature', 4, 'structure'],
    ['machine', 2, 'structure', (bytes) => machineName(bytes.readUInt16LE())],
    ['section count', 2, 'structure', number],
    ['time stamp', 4, 'metadata', (bytes) => stampText(bytes.readUInt32LE(), facts.reproducible)],
    ['symbol table offset', 4, 'structure', number],
    ['symbol count', 4, 'structure', number],
    ['optional header size', 2, 'structure', number],
    ['characteristics', 2, 'structure', hex],
  ]);
  layout.fields(headers.optional.at, optionalFields(headers, facts));
  let at = headers.directoriesAt;
  for (const name of peDirectoryNames.slice(0, headers.directories.length)) {
    at = layout.fields(at, [[`${name} directory`, 8, 'structure', placeText]]);
  }
  layout.ground(at, headers.sectionsAt - at, 'padding', 'optional header rest');
  at = headers.sectionsAt;
  for (const { name } of headers.sections) {
    at = layout.fields(at, sectionFields, `section header ${name}`);
  }
  layout.ground(at, headers.headersSize - at, 'padding', 'header padding');
}

function optionalFields({ optional: { plus }, checksum }: PeHeaders, { fits }: HeaderFacts): FieldSpec[] {
  const word = plus ? 8 : 4;
  const fit = checksum === 0 ? 'not set' : fits ? 'fits' : 'does not fit';
  return [
    ['optional header magic', 2, 'structure', hex],
    ['linker version', 2, 'metadata', (bytes) => `${bytes[0] ?? 0}.${bytes[1] ?? 0}`],
    ...plain(4, 'code size', 'initialised data size', 'uninitialised data size', 'entry point', 'code base'),
    ...(plus ? [] : plain(4, 'data base')),
    ...plain(word, 'image base'),
    ...plain(4, 'section alignment', 'file alignment', 'system version', 'image version', 'subsystem version'),
    ...plain(4, 'win32 version', 'image size', 'header size'),
    ['checksum', 4, fits ? 'derived' : 'metadata', (bytes) => `${hex(bytes)}, ${fit}`],
    ...plain(2, 'subsystem', 'dll characteristics'),
    ...plain(word, 'stack reserve', 'stack commit', 'heap reserve', 'heap commit'),
    ...plain(4, 'loader flags', 'directory count'),
  ];
}

const sectionFields: readonly FieldSpec[] = [
  ['section name', 8, 'structure', (bytes) => bytes.toString('latin1').replace(/\0.*$/s, '')],
  ...plain(4, 'virtual size', 'virtual address', 'raw size', 'raw offset', 'relocations offset', 'lines offset'),
  ...plain(2, 'relocation count', 'line count'),
  ['section characteristics', 4, 'structure', hex],
];

function plain(size: number, ...names: readonly string[]): FieldSpec[] {
  return names.map((name) => [name, size, 'structure', hex]);
}

function number(bytes: Buffer): string {
  return String(bytes.readUIntLE(0, bytes.length));
}

function hex(bytes: Buffer): string {
  const value = bytes.length === 8 ? bytes.readBigUInt64LE() : bytes.readUIntLE(0, bytes.length);
  return `0x${value.toString(16)}`;
}

function placeText(bytes: Buffer): string {
  return `${bytes.readUInt32LE(4)} bytes at 0x${bytes.readUInt32LE().toString(16)}`;
}

/** What a linker's time stamp says. */
export function stampText(stamp: number, reproducible: boolean): string {
  if (stamp === 0) return 'not set';
  return reproducible ? `0x${stamp.toString(16)}, a hash of the content` : isoTime(stamp);
}

const machines: Readonly<Record<number, string>> = {
  0x14c: 'x86',
  0x8664: 'x86-64',
  0x1c0: 'arm',
  0x1c4: 'arm (thumb 2)',
  0xaa64: 'arm64',
  0x5064: 'riscv64',
  0xebc: 'efi byte code',
};

export function machineName(machine: number): string {
  return machines[machine] ?? `0x${machine.toString(16)}`;
}
