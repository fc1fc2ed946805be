/**
 * What `docker save` and `podman save` write: `manifest.json` with the paths of a configuration and
 * of layer tars. Since Docker 25 those paths lie in an OCI layout in the same tar; it is read alike.
 */
import { readFile, stat } from 'node:fs/promises';
import { documentLimit, list, mediaTypes, parseConfig, parseDocument, record } from '../../format/oci.ts';
import type { Sha256 } from '../../model/digest.ts';
import { SamesourceError } from '../../model/error.ts';
import { sha256Of } from '../../platform/digest.ts';
import { readText } from '../../platform/files.ts';
import type { ImageParts } from '../../registry/oci/types.ts';
import type { Context } from '../../store/context.ts';
import type { Blob } from '../../store/store.ts';
import { cleanPath } from '../../store/unpack.ts';
import { imageLimits } from './limits.ts';
import { fileInside, readDecompressed, takeBytes } from './take.ts';

/** `load` brings the whole image into the store; it is called only when a part is missing there. */
export function dockerArchiveParts(ctx: Context, load: () => Promise<unknown>): ImageParts {
  const find = async (digest: Sha256): Promise<Blob> => {
    let found = await ctx.store.get(digest);
    if (found === undefined) {
      await load();
      found = await ctx.store.get(digest);
    }
    if (found === undefined) throw new SamesourceError('toolchain-unavailable', `the archive holds no ${digest}`);
    return found;
  };
  return { document: find, blob: ({ digest }) => find(digest) };
}

/**
 * Brings the image with that ID into the store, with a manifest over its uncompressed layers: the same
 * for every archive of one image.
 * @returns the digest of that manifest
 */
export async function loadDockerArchive(ctx: Context, dir: string, imageId: Sha256): Promise<Sha256> {
  const { config, layers } = await findImage(dir, imageId);
  const { diffIds } = parseConfig(config, `config ${imageId}`);
  if (diffIds.length !== layers.length) {
    throw new SamesourceError(
      'archive-unsafe',
      `manifest.json: ${layers.length} layers for ${diffIds.length} diff_ids`,
    );
  }
  const blobs: Blob[] = [];
  for (const [index, diffId] of diffIds.entries()) blobs.push(await takeLayer(ctx, dir, layers[index] ?? '', diffId));
  await keep(ctx, config);
  return keep(ctx, manifestOf(config, blobs));
}

async function takeLayer(ctx: Context, dir: string, path: string, diffId: Sha256): Promise<Blob> {
  const stored = await ctx.store.get(diffId);
  if (stored !== undefined) return stored;
  const file = await fileInside(dir, cleanPath(path));
  const limit = imageLimits.bytes;
  return takeBytes(ctx, readDecompressed(file, limit), { what: `layer ${path}`, sha256: diffId, limit });
}

async function findImage(dir: string, imageId: Sha256): Promise<{ config: Buffer; layers: readonly string[] }> {
  const text = await readText(await fileInside(dir, 'manifest.json'), documentLimit);
  const known: string[] = [];
  for (const item of list(parseDocument(Buffer.from(text), 'manifest.json'), 'manifest.json')) {
    const { Config: path, Layers: layers } = record(item, 'manifest.json');
    if (typeof path !== 'string') throw new SamesourceError('archive-unsafe', 'manifest.json: an image without Config');
    const config = await readDocument(await fileInside(dir, cleanPath(path)));
    if (sha256Of(config) === imageId) return { config, layers: list(layers, 'manifest.json: Layers').map(String) };
    known.push(sha256Of(config));
  }
  throw new SamesourceError('digest-mismatch', `image ID: expected ${imageId}, the archive holds ${known.join(', ')}`, {
    hint: 'a docker-archive is named by its image ID, as "docker images --no-trunc" shows it',
  });
}

async function readDocument(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > documentLimit) throw new SamesourceError('too-large', `a config of ${size} bytes`);
  return readFile(path);
}

function manifestOf(config: Uint8Array, layers: readonly Blob[]): Buffer {
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest[0],
    config: { mediaType: mediaTypes.config[0], digest: `sha256:${sha256Of(config)}`, size: config.length },
    layers: layers.map(({ sha256, size }) => ({ mediaType: mediaTypes.layer[0], digest: `sha256:${sha256}`, size })),
  };
  return Buffer.from(JSON.stringify(manifest));
}

async function keep(ctx: Context, bytes: Uint8Array): Promise<Sha256> {
  const sha256 = sha256Of(bytes);
  const once = (async function* () {
    yield bytes;
  })();
  if (!(await ctx.store.has(sha256))) await takeBytes(ctx, once, { what: sha256, sha256, limit: documentLimit });
  return sha256;
}
