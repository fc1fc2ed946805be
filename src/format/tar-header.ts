/** One header block of a tar archive: where its fields are, and what they say. */
import { isUtf8 } from 'node:buffer';
import { SamesourceError } from '../model/error.ts';

export type TarType = 'file' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo';

/** Of the POSIX header; others use what comes after `gname` in other ways. */
export const tarFields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  chksum: [148, 8],
  type: [156, 1],
  link: [157, 100],
  magic: [257, 8],
  uname: [265, 32],
  gname: [297, 32],
  devmajor: [329, 8],
  devminor: [337, 8],
  prefix: [345, 155],
  unused: [500, 12],
} as const satisfies Record<string, readonly [at: number, size: number]>;
export type TarField = keyof typeof tarFields;

export const tarBlock = 512;

export const tarTypes: Readonly<Record<string, TarType>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
};

export interface RawTarHeader {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly link: string;
  readonly uname: string;
  readonly gname: string;
  readonly flag: string;
}

/** Makes a name of its bytes. */
export type Decode = (bytes: Uint8Array) => string;

/** A lossy reading would give two names one spelling. @throws SamesourceError `unsupported` if it is not UTF-8 */
export const strictly: Decode = (bytes) => {
  if (isUtf8(bytes)) return Buffer.from(bytes).toString('utf8');
  throw new SamesourceError('unsupported', `tar: "${Buffer.from(bytes).toString()}" is not UTF-8`);
};

/** @throws SamesourceError `archive-unsafe` for a wrong check sum, or numbers that are none */
export function parseTarHeader(header: Buffer, decode: Decode): RawTarHeader {
  if (tarNumber(header, 'chksum') !== tarSum(header)) throw unsafe('a header with a wrong check sum');
  const posix = header.toString('latin1', 257, 263) === 'ustar\0';
  const text = (field: TarField): string => decode(tarString(header, field));
  const prefix = posix ? text('prefix') : '';
  const name = text('name');
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    mode: tarNumber(header, 'mode') & 0o7777,
    uid: tarNumber(header, 'uid'),
    gid: tarNumber(header, 'gid'),
    size: tarNumber(header, 'size'),
    mtime: tarNumber(header, 'mtime'),
    flag: String.fromCharCode(header[156] ?? 0),
    link: text('link'),
    uname: text('uname'),
    gname: text('gname'),
  };
}

/** All bytes of the block, the sum's own field taken as spaces. */
export function tarSum(header: Uint8Array): number {
  let sum = 8 * 32;
  for (let index = 0; index < tarBlock; index++) {
    if (index < 148 || index >= 156) sum += header[index] ?? 0;
  }
  return sum;
}

/** Up to the first zero byte. */
export function tarString(header: Buffer, field: TarField): Buffer {
  const [at, size] = tarFields[field];
  const bytes = header.subarray(at, at + size);
  const end = bytes.indexOf(0);
  return bytes.subarray(0, end === -1 ? size : end);
}

/** Octal digits, or GNU's base-256 where the first bit is set. */
export function tarNumber(header: Buffer, field: TarField): number {
  const [at, length] = tarFields[field];
  const first = header[at] ?? 0;
  if (first === 0x80 || first === 0xff) {
    const rest = header.subarray(at + 1, at + length).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const wide = first === 0x80 ? rest : rest - (1n << BigInt(8 * (length - 1)));
    if (wide > BigInt(Number.MAX_SAFE_INTEGER) || wide < (field === 'mtime' ? BigInt(Number.MIN_SAFE_INTEGER) : 0n)) {
      throw unsafe('a number out of range in a header');
    }
    return Number(wide);
  }
  const digits = header.toString('latin1', at, at + length).replaceAll(/^[ \0]+|[ \0]+$/g, '');
  if (!/^[0-7]*$/.test(digits)) throw unsafe(`"${digits}" where a header needs octal digits`);
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

const zeros = Buffer.alloc(64 * 1024);

export function isZeroed(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const piece = bytes.subarray(at, at + zeros.length);
    if (zeros.compare(piece, 0, piece.length, 0, piece.length) !== 0) return false;
  }
  return true;
}

export function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `tar: ${what}`);
}
