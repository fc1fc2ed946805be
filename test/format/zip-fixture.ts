/** Zip archives made byte by byte, so that each may be wrong in one way. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipMember {
  readonly name: string;
  readonly content: string | Buffer;
  readonly mode?: number;
  /** In the place of the mode: 4.4.15. */
  readonly attributes?: number;
  readonly comment?: string;
  readonly store?: boolean;
  readonly descriptor?: 'signed' | 'plain';
  readonly flags?: number;
  readonly method?: number;
  readonly extra?: Buffer;
  readonly localExtra?: Buffer;
  /** Bytes appended to the compressed data. */
  readonly slack?: Buffer;
  /** Replaces fields of the local header only. */
  readonly local?: Partial<{ name: string; method: number; crc: number; size: number; time: number; flags: number }>;
  readonly declaredSize?: number;
  readonly wrongCrc?: boolean;
}

export interface ZipParts {
  readonly local: Buffer[];
  readonly central: Buffer[];
}

/** DOS date and time of 2020-02-04 10:20:30. */
export const dosDate = ((2020 - 1980) << 9) | (2 << 5) | 4;
export const dosTime = (10 << 11) | (20 << 5) | 15;
export const dosSeconds = Date.UTC(2020, 1, 4, 10, 20, 30) / 1000;

export function zipParts(members: readonly ZipMember[], offset = 0): ZipParts {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let at = offset;
  for (const member of members) {
    const bytes = localEntry(member);
    central.push(centralEntry(member, at));
    local.push(bytes);
    at += bytes.length;
  }
  return { local, central };
}

export function zip(members: readonly ZipMember[], comment = ''): Buffer {
  const { local, central } = zipParts(members);
  return assemble(local, central, { comment });
}

export function assemble(
  local: readonly Buffer[],
  central: readonly Buffer[],
  options: {
    comment?: string;
    before?: Buffer;
    gap?: Buffer;
    tail?: Buffer;
    count?: number;
    directoryAt?: number;
  } = {},
): Buffer {
  const files = Buffer.concat([options.before ?? Buffer.alloc(0), ...local, options.gap ?? Buffer.alloc(0)]);
  const directory = Buffer.concat([...central, options.tail ?? Buffer.alloc(0)]);
  const comment = Buffer.from(options.comment ?? '', 'latin1');
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(options.count ?? central.length, 8);
  end.writeUInt16LE(options.count ?? central.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(options.directoryAt ?? files.length, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([files, directory, end, comment]);
}

function packed(member: ZipMember): { data: Buffer; crc: number; size: number; method: number; flags: number } {
  const content = Buffer.from(member.content);
  const data = Buffer.concat([
    member.store === true ? content : deflateRawSync(content),
    member.slack ?? Buffer.alloc(0),
  ]);
  const crc = (crc32(content) + (member.wrongCrc === true ? 1 : 0)) >>> 0;
  const size = member.declaredSize ?? content.length;
  const flags =
    (member.flags ?? 0) | (member.descriptor === undefined ? 0 : 8) | (/^[ -~]*$/.test(member.name) ? 0 : 0x800);
  return { data, crc, size, method: member.method ?? (member.store === true ? 0 : 8), flags };
}

function localEntry(member: ZipMember): Buffer {
  const { data, crc, size, method, flags } = packed(member);
  const name = Buffer.from(member.local?.name ?? member.name);
  const extra = member.localExtra ?? Buffer.alloc(0);
  const late = member.descriptor !== undefined;
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(member.local?.flags ?? flags, 6);
  header.writeUInt16LE(member.local?.method ?? method, 8);
  header.writeUInt16LE(member.local?.time ?? dosTime, 10);
  header.writeUInt16LE(dosDate, 12);
  header.writeUInt32LE(member.local?.crc ?? (late ? 0 : crc), 14);
  header.writeUInt32LE(late ? 0 : data.length, 18);
  header.writeUInt32LE(member.local?.size ?? (late ? 0 : size), 22);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  const descriptor = Buffer.alloc(late ? 16 : 0);
  if (late) {
    descriptor.writeUInt32LE(0x08074b50, 0);
    for (const [index, value] of [crc, data.length, size].entries()) descriptor.writeUInt32LE(value, 4 + 4 * index);
  }
  return Buffer.concat([
    header,
    name,
    extra,
    data,
    member.descriptor === 'plain' ? descriptor.subarray(4) : descriptor,
  ]);
}

function centralEntry(member: ZipMember, at: number): Buffer {
  const { data, crc, size, method, flags } = packed(member);
  const name = Buffer.from(member.name);
  const extra = member.extra ?? Buffer.alloc(0);
  const comment = Buffer.from(member.comment ?? '');
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE((3 << 8) | 20, 4);
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE(flags, 8);
  header.writeUInt16LE(method, 10);
  header.writeUInt16LE(dosTime, 12);
  header.writeUInt16LE(dosDate, 14);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(data.length, 20);
  header.writeUInt32LE(size, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt16LE(comment.length, 32);
  header.writeUInt32LE(member.attributes ?? ((member.mode ?? 0o100644) << 16) >>> 0, 38);
  header.writeUInt32LE(at, 42);
  return Buffer.concat([header, name, extra, comment]);
}
