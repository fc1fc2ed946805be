/** From a name to an image: which manifest, which layers, which environment. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  documentLimit,
  parseConfig,
  parseManifest,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
} from '../../format/oci.ts';
import type { Platform } from '../../model/claim.ts';
import type { Sha256 } from '../../model/digest.ts';
import { SamesourceError } from '../../model/error.ts';
import { registryParts } from '../../registry/oci/client.ts';
import type { ImageParts } from '../../registry/oci/types.ts';
import type { Context } from '../../store/context.ts';
import type { Blob, TemporaryDirectory } from '../../store/store.ts';
import { dockerArchiveParts, loadDockerArchive } from './docker-archive.ts';
import type { ImageName } from './image-name.ts';
import { layoutParts, unpackArchive } from './layout.ts';

export interface Image {
  /** Digest of the manifest for the wanted platform. */
  readonly digest: Sha256;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
}

export interface OpenedName extends AsyncDisposable {
  readonly parts: ImageParts;
  /** Digest of the manifest or index that the name stands for. */
  start(): Promise<Sha256>;
}

/** Reads nothing yet: what is in the store already is not looked for again. */
export function openName(ctx: Context, name: ImageName): OpenedName {
  const nothing = { start: async () => name.digest, [Symbol.asyncDispose]: async () => {} };
  if (name.kind === 'registry') return { ...nothing, parts: registryParts(ctx, name.reference) };
  const path = resolve(ctx.base, name.path);
  if (name.kind === 'oci') return { ...nothing, parts: layoutParts(ctx, async () => path) };
  const unpacked = unpackOnce(ctx, path);
  const dispose = { [Symbol.asyncDispose]: () => unpacked.dispose() };
  if (name.kind === 'oci-archive') return { ...nothing, ...dispose, parts: layoutParts(ctx, () => unpacked.dir()) };
  const load = async (): Promise<Sha256> => loadDockerArchive(ctx, await unpacked.dir(), name.digest);
  return { ...dispose, parts: dockerArchiveParts(ctx, load), start: load };
}

function unpackOnce(ctx: Context, path: string): { dir(): Promise<string>; dispose(): Promise<void> } {
  let work: TemporaryDirectory | undefined;
  return {
    async dir() {
      if (work !== undefined) return work.path;
      work = await ctx.store.temporary('image');
      ctx.progress.update(`unpacking ${path}`);
      await unpackArchive(path, work.path);
      return work.path;
    },
    dispose: async () => work?.[Symbol.asyncDispose](),
  };
}

/**
 * Reads an image's documents; through an index, those of the wanted platform.
 * @throws SamesourceError `claim-invalid` if the image is made for another platform
 */
export async function readImage(parts: ImageParts, start: Sha256, platform: Platform): Promise<Image> {
  let digest = start;
  let document = parseManifest(await read(await parts.document(digest)), `manifest ${digest}`);
  if (document.kind === 'index') {
    digest = choose(document, platform, start);
    document = parseManifest(await read(await parts.document(digest)), `manifest ${digest}`);
  }
  if (document.kind === 'index') throw new SamesourceError('unsupported', `index ${start} names another index`);
  const config = parseConfig(await read(await parts.blob(document.config)), `config ${document.config.digest}`);
  requirePlatform(config.platform, platform, digest);
  if (config.diffIds.length !== document.layers.length) {
    const counts = `${document.layers.length} layers for ${config.diffIds.length} diff_ids`;
    throw new SamesourceError('archive-unsafe', `manifest ${digest}: ${counts}`);
  }
  return { digest, manifest: document, config };
}

function choose(index: ImageIndex, platform: Platform, digest: Sha256): Sha256 {
  const found = index.manifests.find((manifest) => manifest.platform === platform);
  if (found !== undefined) return found.digest;
  const there = index.manifests.map((manifest) => manifest.platform ?? 'no platform').join(', ');
  throw new SamesourceError('claim-invalid', `image ${digest} is not for ${platform}, but for ${there || 'nothing'}`);
}

function requirePlatform(found: string, wanted: Platform, digest: Sha256): void {
  if (found === wanted) return;
  throw new SamesourceError('claim-invalid', `image ${digest} is for ${found}, the claim says ${wanted}`, {
    hint: `set toolchain.platform to ${found}, or name another image`,
  });
}

async function read(blob: Blob): Promise<Uint8Array> {
  if (blob.size > documentLimit) throw new SamesourceError('too-large', `${blob.sha256}: ${blob.size} bytes`);
  return readFile(blob.path);
}
