/** Local bytes into the store, checked on the way. */
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Sha256 } from '../../model/digest.ts';
import { noRoomLeft, SamesourceError } from '../../model/error.ts';
import { sha256Stream } from '../../platform/digest.ts';
import { firstBytes } from '../../platform/files.ts';
import { compressionOf, decompress } from '../../format/compression.ts';
import type { Context } from '../../store/context.ts';
import type { Blob } from '../../store/store.ts';

export interface Expected {
  /** What it is, for messages. */
  readonly what: string;
  readonly sha256: Sha256;
  /** Bytes. */
  readonly size?: number;
  /** Most bytes that are read. */
  readonly limit: number;
}

/** @throws SamesourceError `digest-mismatch`, `too-large` or `disk-full` */
export async function takeBytes(ctx: Context, chunks: AsyncIterable<Uint8Array>, expected: Expected): Promise<Blob> {
  await using work = await ctx.store.temporary('image');
  const path = join(work.path, 'file');
  const found = await write(ctx, chunks, path, expected);
  if (found.sha256 !== expected.sha256 || found.size !== (expected.size ?? found.size)) {
    throw new SamesourceError(
      'digest-mismatch',
      `sha256 of ${expected.what}: expected ${expected.sha256}${sizeOf(expected.size)}, got ${found.sha256}${sizeOf(found.size)}`,
    );
  }
  // Awaited here: the directory goes when this returns.
  return await ctx.store.adopt(path, found.sha256);
}

function sizeOf(size: number | undefined): string {
  return size === undefined ? '' : ` (${size} bytes)`;
}

async function write(
  ctx: Context,
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  { what, size: announced, limit }: Expected,
): Promise<{ sha256: Sha256; size: number }> {
  const hash = sha256Stream();
  let size = 0;
  const check = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      size += chunk.length;
      hash.update(chunk);
      const most = announced ?? limit;
      done(size > most ? new SamesourceError('too-large', `${what}: more than ${most} bytes`) : null, chunk);
    },
  });
  try {
    await pipeline(chunks, check, createWriteStream(path, { flags: 'wx' }), { signal: ctx.signal });
  } catch (error) {
    ctx.signal.throwIfAborted();
    throw noRoomLeft(error, `writing ${path}`) ?? error;
  }
  return { sha256: hash.digest(), size };
}

/**
 * Host path of a regular file in a directory that others made: no link leads out of it.
 * @throws SamesourceError `toolchain-unavailable` if it is not there, `archive-unsafe`
 */
export async function fileInside(dir: string, path: string): Promise<string> {
  const found = await realpath(join(dir, path)).catch((error: unknown) => {
    throw new SamesourceError('toolchain-unavailable', `${dir} holds no ${path}`, { cause: error });
  });
  const inside = found.startsWith(`${await realpath(dir)}${sep}`);
  if (!inside || !(await lstat(found)).isFile()) {
    throw new SamesourceError('archive-unsafe', `${path}: not a file of the image`);
  }
  return found;
}

/** A file's bytes, decompressed if it is compressed. */
export async function* readDecompressed(path: string, limit: number): AsyncGenerator<Uint8Array> {
  const start = await firstBytes(path, 16);
  yield* decompress(compressionOf(start), createReadStream(path, { highWaterMark: 1024 * 1024 }), { bytes: limit });
}
