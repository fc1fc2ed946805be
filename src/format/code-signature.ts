/**
 * Apple's code signature: a blob of blobs, with directories of the hashes of a program's pages. After the
 * structures of `cs_blobs.h` in XNU; all numbers are big-endian.
 */
import { SamesourceError } from '../model/error.ts';
import { digestStream, type SignatureDigest } from '../platform/digest.ts';
import type { View } from '../platform/view.ts';

export interface SignatureBlob {
  /** What it is for; the place of its hash in a directory too. */
  readonly slot: number;
  /** Offset in the signature. */
  readonly at: number;
  /** With its magic and length. */
  readonly bytes: Buffer;
}

export interface CodeSignature {
  readonly blobs: readonly SignatureBlob[];
  /** Bytes that no blob covers and that are not zero; offsets in the signature. */
  readonly beside: readonly { readonly at: number; readonly size: number }[];
}

export const slots = { requirements: 2, entitlements: 5, alternates: 0x1000, cms: 0x10000 } as const;
export const largestSignature = 32 * 1024 * 1024;
/** `CS_MAGIC_EMBEDDED_SIGNATURE`, `CS_MAGIC_CODEDIRECTORY`. */
const magics = { signature: 0xfade0cc0, directory: 0xfade0c02 };

/** @throws SamesourceError `archive-unsafe` */
export function readCodeSignature(bytes: Buffer): CodeSignature {
  if (bytes.length > largestSignature || bytes.length < 12) throw unsafe(`${bytes.length} bytes`);
  const [length, count] = [bytes.readUInt32BE(4), bytes.readUInt32BE(8)];
  if (bytes.readUInt32BE(0) !== magics.signature || length > bytes.length) throw unsafe('no embedded signature');
  if (count > 32 || 12 + 8 * count > length) throw unsafe(`${count} blobs`);
  const blobs = Array.from({ length: count }, (_, index) => blobAt(bytes.subarray(0, length), 12 + 8 * index));
  if (new Set(blobs.map(({ slot }) => slot)).size !== count) throw unsafe('two blobs of one kind');
  const parts = [{ at: 0, bytes: bytes.subarray(0, 12 + 8 * count) }, ...blobs.toSorted((a, b) => a.at - b.at)];
  return { blobs, beside: uncovered(bytes, parts) };
}

function blobAt(bytes: Buffer, entry: number): SignatureBlob {
  const [slot, at] = [bytes.readUInt32BE(entry), bytes.readUInt32BE(entry + 4)];
  if (at + 8 > bytes.length) throw unsafe(`a blob at ${at}`);
  const size = bytes.readUInt32BE(at + 4);
  if (size < 8 || at + size > bytes.length) throw unsafe(`a blob of ${size} bytes at ${at}`);
  return { slot, at, bytes: bytes.subarray(at, at + size) };
}

/** Between the parts and after them there are zeros. @throws SamesourceError `archive-unsafe` for an overlap */
function uncovered(
  bytes: Buffer,
  parts: readonly { readonly at: number; readonly bytes: Buffer }[],
): { at: number; size: number }[] {
  const found: { at: number; size: number }[] = [];
  let end = 0;
  for (const part of [...parts, { at: bytes.length, bytes: Buffer.alloc(0) }]) {
    if (part.at < end) throw unsafe(`parts that lie over each other at ${part.at}`);
    if (bytes.subarray(end, part.at).some((byte) => byte !== 0)) found.push({ at: end, size: part.at - end });
    end = part.at + part.bytes.length;
  }
  return found;
}

export interface CodeDirectory {
  readonly identifier: string;
  readonly algorithm: SignatureDigest;
  readonly hashSize: number;
  /** Bytes of the program that are hashed. */
  readonly codeLimit: number;
  /** Bytes; 0 for a single page. */
  readonly pageSize: number;
  readonly pages: readonly Buffer[];
  /** By slot; slot 1 first. */
  readonly special: readonly Buffer[];
  /** Offsets in the directory. */
  readonly beside: readonly { readonly at: number; readonly size: number }[];
}

const algorithms: Readonly<Record<number, SignatureDigest>> = { 1: 'sha1', 2: 'sha256', 3: 'sha256', 4: 'sha384' };
/** Size of the fixed part, from which version on. */
const headers = [
  [0x20600, 108],
  [0x20500, 96],
  [0x20400, 88],
  [0x20300, 64],
  [0x20200, 52],
  [0x20100, 48],
  [0x20000, 44],
] as const;

/** @throws SamesourceError `archive-unsafe` */
export function readCodeDirectory(bytes: Buffer): CodeDirectory {
  const version = bytes.readUInt32BE(8);
  const header = headers.find(([from]) => version >= from)?.[1];
  if (bytes.readUInt32BE(0) !== magics.directory || header === undefined || bytes.length < header) {
    throw unsafe('no code directory');
  }
  const [hashOffset, identifierAt] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const [specialCount, pageCount, limit] = [24, 28, 32].map((at) => bytes.readUInt32BE(at)) as [number, number, number];
  const hashSize = bytes.readUInt8(36);
  const algorithm = algorithms[bytes.readUInt8(37)];
  const [teamAt, limit64] = [
    version >= 0x20200 ? bytes.readUInt32BE(48) : 0,
    version >= 0x20300 ? bytes.readBigUInt64BE(56) : 0n,
  ];
  // Scattered pages, pages hashed before they are encrypted, and linkage are not what signers of programs write.
  const others = [44, ...(version >= 0x20500 ? [92] : []), ...(version >= 0x20600 ? [100, 104] : [])];
  if (version >= 0x20100 && others.some((at) => bytes.readUInt32BE(at) !== 0))
    throw unsafe('a directory of another kind');
  if (algorithm === undefined || specialCount > 64 || limit64 > BigInt(2 ** 48))
    throw unsafe('a directory of unknown size');
  const start = hashOffset - specialCount * hashSize;
  if (start < header || hashOffset + pageCount * hashSize > bytes.length)
    throw unsafe('hashes outside of the directory');
  const hashAt = (index: number): Buffer =>
    bytes.subarray(hashOffset + index * hashSize, hashOffset + (index + 1) * hashSize);
  const names = [identifierAt, ...(teamAt === 0 ? [] : [teamAt])].map((at) => ({ at, bytes: stringAt(bytes, at) }));
  const hashes = { at: start, bytes: bytes.subarray(start, hashOffset + pageCount * hashSize) };
  const parts = [{ at: 0, bytes: bytes.subarray(0, header) }, ...names, hashes].toSorted((a, b) => a.at - b.at);
  return {
    identifier: names[0]?.bytes.toString('utf8', 0, 200).replace(/\0$/, '') ?? '',
    algorithm,
    hashSize,
    codeLimit: limit64 === 0n ? limit : Number(limit64),
    pageSize: bytes.readUInt8(39) === 0 ? 0 : 2 ** bytes.readUInt8(39),
    pages: Array.from({ length: pageCount }, (_, index) => hashAt(index)),
    special: Array.from({ length: specialCount }, (_, index) => hashAt(-1 - index)),
    beside: uncovered(bytes, parts),
  };
}

/** With its zero byte. */
function stringAt(bytes: Buffer, at: number): Buffer {
  const end = bytes.indexOf(0, at);
  if (at >= bytes.length || end === -1 || end - at > 1024) throw unsafe(`no name at ${at}`);
  return bytes.subarray(at, end + 1);
}

/** Whether a directory's pages are those of the program. */
export function pagesFit(directory: CodeDirectory, program: View): boolean {
  const { codeLimit, pageSize, pages } = directory;
  const size = pageSize === 0 ? codeLimit : pageSize;
  if (codeLimit !== program.size || size < 1024 || pages.length !== Math.ceil(codeLimit / size)) return false;
  return pages.every((page, index) => {
    const at = index * size;
    return hashOf(directory, program.slice(at, Math.min(size, codeLimit - at))).equals(page);
  });
}

const window = 1024 * 1024;

/** As the directory hashes: cut to its size. */
export function hashOf({ algorithm, hashSize }: CodeDirectory, view: View): Buffer {
  const stream = digestStream(algorithm);
  for (let at = 0; at < view.size; at += window) stream.update(view.read(at, Math.min(window, view.size - at)));
  return stream.digest().subarray(0, hashSize);
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `code signature: ${what}`);
}
