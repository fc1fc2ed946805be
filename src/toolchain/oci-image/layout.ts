/** An OCI image layout on the disk (image-spec 1.1, image-layout.md), as a directory or in a tar. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { documentLimit, parseDocument, record } from '../../format/oci.ts';
import { readTar } from '../../format/tar.ts';
import { SamesourceError } from '../../model/error.ts';
import { exists, readText } from '../../platform/files.ts';
import type { ImageParts } from '../../registry/oci/types.ts';
import type { Context } from '../../store/context.ts';
import { hostileArchive, unpacker } from '../../store/unpack.ts';
import { imageLimits } from './limits.ts';
import { fileInside, readDecompressed, takeBytes } from './take.ts';

/** `dir` is asked for only when a part is not in the store yet. */
export function layoutParts(ctx: Context, dir: () => Promise<string>): ImageParts {
  return {
    async document(digest) {
      return (await ctx.store.get(digest)) ?? takeBlob(ctx, await dir(), { digest, limit: documentLimit });
    },
    async blob({ digest, size }) {
      return (await ctx.store.get(digest)) ?? takeBlob(ctx, await dir(), { digest, size, limit: size });
    },
  };
}

type Wanted = {
  readonly digest: Parameters<ImageParts['document']>[0];
  readonly size?: number;
  readonly limit: number;
};

async function takeBlob(ctx: Context, dir: string, { digest, ...wanted }: Wanted): ReturnType<ImageParts['document']> {
  await requireLayout(dir);
  const path = `blobs/sha256/${digest}`;
  return takeBytes(ctx, createReadStream(await fileInside(dir, path)), { what: path, sha256: digest, ...wanted });
}

async function requireLayout(dir: string): Promise<void> {
  const path = join(dir, 'oci-layout');
  if (!(await exists(path))) {
    throw new SamesourceError('toolchain-unavailable', `${dir} is no OCI image layout: it has no file oci-layout`);
  }
  const text = await readText(await fileInside(dir, 'oci-layout'), documentLimit);
  const version = record(parseDocument(Buffer.from(text), path), path)['imageLayoutVersion'];
  if (version !== '1.0.0') throw new SamesourceError('unsupported', `${path}: version ${JSON.stringify(version)}`);
}

/** Unpacks an archive of an image, compressed or not. @throws SamesourceError `archive-unsafe` */
export async function unpackArchive(path: string, dir: string): Promise<void> {
  if (!(await exists(path))) throw new SamesourceError('toolchain-unavailable', `${path}: no such file`);
  const { entries, bytes } = imageLimits;
  const out = unpacker(dir, { ...hostileArchive, maxEntries: entries, maxBytes: bytes });
  await readTar(readDecompressed(path, bytes), (entry) => out.entry(entry));
}
