/** The few fields of a Mach-O program that signing changes. */
import { SamesourceError } from '../../model/error.ts';
import { startOf, type View } from '../../platform/view.ts';

export interface MachO {
  readonly wide: boolean;
  /** Offset after the last load command. */
  readonly commandsEnd: number;
  readonly commandCount: number;
  readonly commandsSize: number;
  /** Offset of the command that names the last segment, `__LINKEDIT`. */
  readonly linkedit: { readonly commandAt: number; readonly fileAt: number; readonly memorySize: number };
  readonly signature?: { readonly commandAt: number; readonly at: number; readonly size: number };
}

const commands = { segment: 0x1, segment64: 0x19, signature: 0x1d };

/** `undefined`: not a little-endian program. @throws SamesourceError `archive-unsafe` */
export function readMachO(view: View): MachO | undefined {
  if (view.size < 32) return undefined;
  const header = view.read(0, 32);
  const magic = header.readUInt32LE(0);
  if (magic !== 0xfeedfacf && magic !== 0xfeedface) return undefined;
  const wide = magic === 0xfeedfacf;
  const start = wide ? 32 : 28;
  const [commandCount, commandsSize] = [header.readUInt32LE(16), header.readUInt32LE(20)];
  if (commandCount > 10_000 || commandsSize > 1024 * 1024) throw unsafe(`${commandsSize} bytes of load commands`);
  const bytes = view.read(0, start + commandsSize);
  let at = start;
  let linkedit: MachO['linkedit'] | undefined;
  let signature: MachO['signature'];
  for (let index = 0; index < commandCount; index++) {
    const [kind, size] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
    if (size < 8 || at + size > bytes.length) throw unsafe(`a load command of ${size} bytes at ${at}`);
    if (kind === (wide ? commands.segment64 : commands.segment) && isLinkedit(bytes, at)) {
      if (linkedit !== undefined) throw unsafe('two segments named __LINKEDIT');
      linkedit = linkeditAt(bytes, at, wide, view.size);
    }
    if (kind === commands.signature) {
      if (signature !== undefined || size !== 16) throw unsafe('two signatures');
      signature = { commandAt: at, at: bytes.readUInt32LE(at + 8), size: bytes.readUInt32LE(at + 12) };
    }
    at += size;
  }
  if (at !== bytes.length || linkedit === undefined) throw unsafe('load commands that do not end where they should');
  if (signature !== undefined && (signature.at < linkedit.fileAt || signature.at + signature.size !== view.size)) {
    throw unsafe('a signature that is not the end of the file');
  }
  const found = { wide, commandsEnd: at, commandCount, commandsSize, linkedit };
  return signature === undefined ? found : { ...found, signature };
}

function isLinkedit(bytes: Buffer, at: number): boolean {
  return bytes.toString('latin1', at + 8, at + 24) === '__LINKEDIT\0\0\0\0\0\0';
}

function linkeditAt(bytes: Buffer, commandAt: number, wide: boolean, fileSize: number): MachO['linkedit'] {
  const fields = wide
    ? [32, 40, 48].map((offset) => Number(bytes.readBigUInt64LE(commandAt + offset)))
    : [28, 32, 36].map((offset) => bytes.readUInt32LE(commandAt + offset));
  const [memorySize, fileAt, size] = fields as [number, number, number];
  if (fileAt + size !== fileSize) throw unsafe('a __LINKEDIT that is not the end of the file');
  return { commandAt, fileAt, memorySize };
}

/** The load commands of a program that is signed so; `end`: where its signature begins. */
export function signedCommands(view: View, program: MachO, end: number, size: number, memorySize: number): Buffer {
  const { wide, commandsEnd, linkedit, signature } = program;
  const added = signature === undefined;
  const bytes = Buffer.from(view.read(0, commandsEnd + (added ? 16 : 0)));
  const commandAt = signature?.commandAt ?? commandsEnd;
  if (added && bytes.subarray(commandsEnd).some((byte) => byte !== 0)) throw unsafe('no room for a load command');
  for (const [index, value] of [commands.signature, 16, end, size].entries()) {
    bytes.writeUInt32LE(value, commandAt + 4 * index);
  }
  if (added) {
    bytes.writeUInt32LE(program.commandCount + 1, 16);
    bytes.writeUInt32LE(program.commandsSize + 16, 20);
  }
  const fileSize = end + size - linkedit.fileAt;
  if (wide) {
    bytes.writeBigUInt64LE(BigInt(memorySize), linkedit.commandAt + 32);
    bytes.writeBigUInt64LE(BigInt(fileSize), linkedit.commandAt + 48);
  } else {
    bytes.writeUInt32LE(memorySize, linkedit.commandAt + 28);
    bytes.writeUInt32LE(fileSize, linkedit.commandAt + 36);
  }
  return bytes;
}

export interface FatSlice {
  /** Type and subtype of the processor. */
  readonly processor: Buffer;
  readonly at: number;
  readonly size: number;
  /** A power of two. */
  readonly align: number;
}

/** The programs of a file for several processors. @throws SamesourceError `archive-unsafe` */
export function readFat(view: View): FatSlice[] | undefined {
  const start = startOf(view, 8);
  // Java classes have the same magic, and a larger number after it.
  if (start.length < 8 || start.readUInt32BE(0) !== 0xcafebabe || start.readUInt32BE(4) > 30) return undefined;
  const count = start.readUInt32BE(4);
  const table = view.read(8, 20 * count);
  const slices = Array.from({ length: count }, (_, index): FatSlice => {
    const [at, size, align] = [8, 12, 16].map((field) => table.readUInt32BE(20 * index + field)) as [
      number,
      number,
      number,
    ];
    if (align > 20) throw unsafe(`an alignment of 2^${align}`);
    return { processor: Buffer.from(table.subarray(20 * index, 20 * index + 8)), at, size, align };
  });
  let end = 8 + 20 * count;
  for (const { at, size } of slices) {
    if (at < end) throw unsafe(`programs that lie over each other at ${at}`);
    end = at + size;
  }
  if (end !== view.size) throw unsafe('bytes after the last program');
  return slices;
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `mach-o: ${what}`);
}
