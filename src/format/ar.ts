/** The common ar archive, as far as deb(5) uses it: names of at most 16 bytes, no symbol table. */
import { SamesourceError } from '../model/error.ts';

export interface ArMember {
  readonly name: string;
  /** Offset of the content from the start of the file, bytes. */
  readonly offset: number;
  readonly size: number;
  readonly mtime: number;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

export const arMagic = '!<arch>\n';
/** Bytes of a member's header. */
export const arHeaderSize = 60;

/**
 * Lists the members. `read(offset, length)` gives bytes of the file, fewer at its end.
 * @throws SamesourceError `archive-unsafe` unless the members cover the whole file exactly
 */
export async function readAr(
  size: number,
  read: (offset: number, length: number) => Promise<Buffer>,
): Promise<ArMember[]> {
  if ((await read(0, arMagic.length)).toString('latin1') !== arMagic) throw unsafe('no ar magic');
  const members: ArMember[] = [];
  for (let at = arMagic.length; at < size;) {
    const { rawName, ...header } = parseArHeader(await read(at, arHeaderSize), at);
    const member = { ...header, name: rawName.replace(/\/$/, ''), offset: at + arHeaderSize };
    const end = member.offset + member.size;
    const next = end + (member.size % 2);
    if (member.name === '') throw unsafe(`a member without a name at ${at}`);
    if (next > size) throw unsafe(`${member.name} breaks off`);
    if (next !== end && (await read(end, 1))[0] !== 0x0a) throw unsafe(`bytes in the padding after ${member.name}`);
    if (members.some((other) => other.name === member.name)) throw unsafe(`two members named ${member.name}`);
    members.push(member);
    at = next;
  }
  return members;
}

export interface ArHeader {
  /** As it stands there, without the spaces behind it. */
  readonly rawName: string;
  readonly size: number;
  readonly mtime: number;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** @throws SamesourceError `archive-unsafe` unless `header` is one; `at`: its offset, for messages */
export function parseArHeader(header: Buffer, at: number): ArHeader {
  if (header.length < arHeaderSize || header.toString('latin1', 58, 60) !== '`\n') {
    throw unsafe(`no member header at ${at}`);
  }
  const field = (start: number, length: number): string => header.toString('latin1', start, start + length).trimEnd();
  const integer = (start: number, length: number, radix: number): number => {
    const digits = field(start, length);
    if (!/^[0-9]*$/.test(digits)) throw unsafe(`"${digits}" where a header needs a number`);
    return digits === '' ? 0 : Number.parseInt(digits, radix);
  };
  return {
    rawName: field(0, 16),
    mtime: integer(16, 12, 10),
    uid: integer(28, 6, 10),
    gid: integer(34, 6, 10),
    mode: integer(40, 8, 8),
    size: integer(48, 10, 10),
  };
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `ar: ${what}`);
}
