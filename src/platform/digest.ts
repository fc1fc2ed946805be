/** The owner of every digest: OpenSSL through node:crypto, and @noble/hashes as the second opinion. */
import { sha256 as nobleSha256, sha512 as nobleSha512 } from '@noble/hashes/sha2.js';
import { createHash, hash as hashOnce, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { SamesourceError } from '../model/error.ts';
import { sha256, type GitId, type Sha256 } from '../model/digest.ts';

/** Files up to this size are hashed by both implementations; the second is about 8 times slower. */
export const secondHashLimit = 64 * 1024 * 1024;

const window = 4 * 1024 * 1024;

export interface Digests {
  readonly sha256: Sha256;
  /** 128 lower-case hex digits. */
  readonly sha512: string;
  /** Bytes. */
  readonly size: number;
  readonly secondHash: 'agreed' | 'skipped';
}

export function sha256Of(bytes: Uint8Array | string): Sha256 {
  return sha256(createHash('sha256').update(bytes).digest('hex'));
}

/** As `sha256Of`, in hex, in one call into OpenSSL: for the many small files of a tree. */
export function hexDigest(algorithm: 'sha256' | 'sha512' | 'sha1' | 'md5', bytes: Uint8Array): string {
  return hashOnce(algorithm, bytes, 'hex');
}

/** SHA-256 of bytes that come in pieces. */
export interface Sha256Stream {
  update(bytes: Uint8Array): void;
  digest(): Sha256;
}

export function sha256Stream(): Sha256Stream {
  const hash = createHash('sha256');
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => sha256(hash.digest('hex')),
  };
}

/** What signed files name. The weak ones tell whether a signature is of this content, never whether two files match. */
export const signatureDigests = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const;
export type SignatureDigest = (typeof signatureDigests)[number];

/** A digest of bytes that come in pieces, as signatures hold them. */
export function digestStream(algorithm: SignatureDigest): { update(bytes: Uint8Array): void; digest(): Buffer } {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
}

/** Digests for legacy formats that name them, e.g. git objects. Never used to decide a match. */
export function gitObjectId(type: 'blob' | 'tree' | 'commit' | 'tag', body: Uint8Array, like: GitId): string {
  const algorithm = like.length === 64 ? 'sha256' : 'sha1';
  return createHash(algorithm).update(`${type} ${body.length}\0`).update(body).digest('hex');
}

/** The id of a git blob whose content comes in pieces; git's header needs its size, in bytes, first. */
export function gitBlobStream(
  algorithm: 'sha1' | 'sha256',
  size: number,
): { update(bytes: Uint8Array): void; digest(): string } {
  const hash = createHash(algorithm).update(`blob ${size}\0`);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
}

/** SHA-256 of a file, read in windows: memory stays flat for any size. */
export async function hashFile(path: string): Promise<{ readonly sha256: Sha256; readonly size: number }> {
  const hash = createHash('sha256');
  const size = await readWindows(path, (bytes) => hash.update(bytes));
  return { sha256: sha256(hash.digest('hex')), size };
}

/**
 * SHA-256 and SHA-512 of a file in one pass; up to `secondHashLimit` also by @noble/hashes.
 * @throws SamesourceError `digest-disagreement` if the two implementations do not agree.
 */
export async function digestFile(path: string, secondLimit = secondHashLimit, signal?: AbortSignal): Promise<Digests> {
  const first = [createHash('sha256'), createHash('sha512')] as const;
  const second = [nobleSha256.create(), nobleSha512.create()] as const;
  let size = 0;
  await readWindows(path, (bytes) => {
    signal?.throwIfAborted();
    size += bytes.length;
    for (const hash of first) hash.update(bytes);
    if (size <= secondLimit) for (const hash of second) hash.update(bytes);
  });
  const [short, long] = first.map((hash: Hash) => hash.digest('hex')) as [string, string];
  if (size > secondLimit) return { sha256: sha256(short), sha512: long, size, secondHash: 'skipped' };
  requireAgreement(path, [short, long], [hex(second[0].digest()), hex(second[1].digest())]);
  return { sha256: sha256(short), sha512: long, size, secondHash: 'agreed' };
}

/** Exported for its test: a disagreement cannot be had from honest implementations. */
export function requireAgreement(path: string, first: readonly string[], second: readonly string[]): void {
  if (first.join() === second.join()) return;
  throw new SamesourceError(
    'digest-disagreement',
    `digests of ${path}: node:crypto says ${first.join(', ')}, @noble/hashes says ${second.join(', ')}`,
  );
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Reads the next window while the last one is being hashed. */
async function readWindows(path: string, use: (bytes: Uint8Array) => void): Promise<number> {
  await using file = await openForReading(path);
  const buffers = [Buffer.allocUnsafe(window), Buffer.allocUnsafe(window)] as const;
  let total = 0;
  let turn = 0;
  let pending = file.handle.read(buffers[0], 0, window, 0);
  for (;;) {
    const { bytesRead, buffer } = await pending;
    if (bytesRead === 0) return total;
    total += bytesRead;
    turn = 1 - turn;
    pending = file.handle.read(turn === 0 ? buffers[0] : buffers[1], 0, window, total);
    use(buffer.subarray(0, bytesRead));
  }
}

async function openForReading(path: string): Promise<AsyncDisposable & { readonly handle: FileHandle }> {
  const handle = await open(path, 'r');
  return { handle, [Symbol.asyncDispose]: () => handle.close() };
}
