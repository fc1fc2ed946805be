/** An OCI or Docker image as a toolchain: pulled by digest, every layer checked, unpacked by samesource itself. */
import { join } from 'node:path';
import type { ImageToolchainClaim } from '../../model/claim.ts';
import type { ImageToolchainLock } from '../../model/lock.ts';
import { recode, SamesourceError } from '../../model/error.ts';
import type { ImageParts } from '../../registry/oci/types.ts';
import type { Context } from '../../store/context.ts';
import { recordDirectories } from '../directories.ts';
import { guarded, recordContent } from '../guard.ts';
import type { Root, Toolchain } from '../types.ts';
import { parseImageName, type ImageName } from './image-name.ts';
import { imageLimits } from './limits.ts';
import { openName, readImage, type Image } from './open-image.ts';
import { unpackLayers, type Layer } from './unpack-layers.ts';

export const ociImage: Toolchain<ImageToolchainClaim, ImageToolchainLock> = {
  async resolve({ image, platform }, ctx) {
    const name = parseImageName(image);
    await using opened = openName(ctx, name);
    try {
      const { digest } = await readImage(opened.parts, await opened.start(), platform);
      return { kind: 'image', platform, image, manifest: digest };
    } catch (error) {
      ctx.signal.throwIfAborted();
      throw recode(error, 'toolchain-unavailable', `reading image ${image}`);
    }
  },

  async prepare(lock, ctx) {
    await using opened = openName(ctx, parseImageName(lock.image));
    try {
      const image = await readLocked(opened.parts, lock);
      const tree = await guarded(ctx, () => unpackOnce(ctx, image, opened.parts), []);
      return rootOf(lock, image, tree);
    } catch (error) {
      ctx.signal.throwIfAborted();
      throw recode(error, 'toolchain-unavailable', `fetching image ${lock.image}`);
    }
  },
};

/** The lock's manifest must be what the image's own digest leads to. */
async function readLocked(parts: ImageParts, lock: ImageToolchainLock): Promise<Image> {
  const name = parseImageName(lock.image);
  const image = await readImage(parts, name.kind === 'docker-archive' ? lock.manifest : name.digest, lock.platform);
  if (image.digest !== lock.manifest) throw notLocked(lock, `image ${name.digest} leads to manifest ${image.digest}`);
  if (name.kind === 'docker-archive') requireImageId(image, name, lock);
  return image;
}

function requireImageId(image: Image, name: ImageName, lock: ImageToolchainLock): void {
  const { config } = image.manifest;
  if (config.digest !== name.digest) throw notLocked(lock, `the locked manifest is of image ${config.digest}`);
}

function notLocked(lock: ImageToolchainLock, why: string): SamesourceError {
  return new SamesourceError('digest-mismatch', `manifest ${lock.manifest} of ${lock.image}: ${why}`, {
    hint: 'lock the claim again: samesource lock',
  });
}

async function unpackOnce(ctx: Context, image: Image, parts: ImageParts): Promise<string> {
  const dir = await ctx.store.tree(`image-${image.digest}`, async (unfinished) => {
    const layers = await fetchLayers(ctx, image, parts);
    const tree = join(unfinished, 'root');
    await unpackLayers(layers, tree, (index) => {
      ctx.signal.throwIfAborted();
      ctx.progress.update(`unpacking layer ${index + 1} of ${layers.length}`);
    });
    await recordDirectories(tree);
    await recordContent(tree);
  });
  return join(dir, 'root');
}

async function fetchLayers(ctx: Context, { manifest, config }: Image, parts: ImageParts): Promise<Layer[]> {
  const total = manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
  if (total > imageLimits.bytes) throw new SamesourceError('too-large', `layers of ${total} bytes`);
  const layers: Layer[] = [];
  for (const [index, diffId] of config.diffIds.entries()) {
    const wanted = manifest.layers[index];
    if (wanted === undefined) throw new SamesourceError('bug', `no layer ${index}`);
    ctx.progress.update(`fetching layer ${index + 1} of ${config.diffIds.length}`);
    layers.push({ path: (await parts.blob(wanted)).path, diffId });
  }
  return layers;
}

function rootOf(lock: ImageToolchainLock, image: Image, tree: string): Root {
  const { kind, platform } = lock;
  return { identity: { kind, platform, digest: image.digest, summary: lock.image }, tree, env: image.config.env };
}
