/** The few fields of a Mach-O program that signing changes. */
import type { Fields } from '../../format/fields.ts';
import { isMachO, loadCommands, machOFields, machOHeader } from '../../format/mach-o.ts';
import { SamesourceError } from '../../model/error.ts';
import type { View } from '../../platform/view.ts';

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

/** `undefined`: not a little-endian program. @throws SamesourceError `archive-unsafe` */
export function readMachO(view: View): MachO | undefined {
  if (!isMachO(view)) return undefined;
  const header = machOHeader(view);
  if (header.endian !== 'little') return undefined;
  const { wide, commands, commandsEnd } = header;
  const file = machOFields(view, header);
  const segment = wide ? loadCommands.segment64 : loadCommands.segment;
  const last = commands.filter(({ type, at }) => type === segment && file.name(at + 8, 16) === '__LINKEDIT');
  const signing = commands.filter(({ type }) => type === loadCommands.codeSignature);
  if (last.length !== 1) throw file.unsafe(`${last.length} segments named __LINKEDIT`);
  if (signing.length > 1 || signing.some(({ size }) => size !== 16)) throw file.unsafe('two signatures');
  const linkedit = last.map(({ at }) => linkeditAt(file, at, wide, view.size))[0] as MachO['linkedit'];
  const [signature] = signing.map(({ at }) => ({ commandAt: at, at: file.u32(at + 8), size: file.u32(at + 12) }));
  if (signature !== undefined && (signature.at < linkedit.fileAt || signature.at + signature.size !== view.size)) {
    throw file.unsafe('a signature that is not the end of the file');
  }
  const found = { wide, commandsEnd, commandCount: commands.length, commandsSize: commandsEnd - header.size, linkedit };
  return signature === undefined ? found : { ...found, signature };
}

function linkeditAt(file: Fields, commandAt: number, wide: boolean, fileSize: number): MachO['linkedit'] {
  const word = (index: number): number =>
    wide ? file.u64(commandAt + 24 + 8 * index) : file.u32(commandAt + 24 + 4 * index);
  const [memorySize, fileAt, size] = [word(1), word(2), word(3)];
  if (fileAt + size !== fileSize) throw file.unsafe('a __LINKEDIT that is not the end of the file');
  return { commandAt, fileAt, memorySize };
}

/** The load commands of a program that is signed so; `end`: where its signature begins. */
export function signedCommands(view: View, program: MachO, end: number, size: number, memorySize: number): Buffer {
  const { wide, commandsEnd, linkedit, signature } = program;
  const added = signature === undefined;
  const bytes = Buffer.from(view.read(0, commandsEnd + (added ? 16 : 0)));
  const commandAt = signature?.commandAt ?? commandsEnd;
  if (added && bytes.subarray(commandsEnd).some((byte) => byte !== 0))
    throw new SamesourceError('archive-unsafe', 'mach-o: no room for a load command');
  for (const [index, value] of [loadCommands.codeSignature, 16, end, size].entries()) {
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
