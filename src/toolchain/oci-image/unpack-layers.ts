/** Layers, lowest first, to one tree (image-spec 1.1, layer.md "Applying Changesets"). */
import { chmod, mkdir } from 'node:fs/promises';
import { tarReader, type TarEntry } from '../../format/tar.ts';
import type { Sha256 } from '../../model/digest.ts';
import { noRoomLeft, SamesourceError } from '../../model/error.ts';
import { sha256Stream } from '../../platform/digest.ts';
import { isErrno } from '../../platform/files.ts';
import { unpacker, type Unpacker } from '../../store/unpack.ts';
import { imageLimits, type ImageLimits } from './limits.ts';
import { readDecompressed } from './take.ts';

export interface Layer {
  readonly path: string;
  /** Digest of the uncompressed tar. */
  readonly diffId: Sha256;
}

/**
 * Owners are left out, and what its owner may read everybody may: a build has one user, whose id
 * differs between engines.
 * @throws SamesourceError `archive-unsafe`, `digest-mismatch` for a layer that is not its diff_id, `disk-full`
 */
export async function unpackLayers(
  layers: readonly Layer[],
  tree: string,
  onLayer: (index: number) => void,
  limits: ImageLimits = imageLimits,
): Promise<void> {
  await mkdir(tree, { recursive: true });
  await chmod(tree, 0o755);
  const out = unpacker(tree, {
    parents: 'resolve',
    replace: true,
    layers: true,
    modeMask: 0o755,
    maxEntries: limits.entries,
    maxBytes: limits.bytes,
  });
  let left = limits.bytes;
  try {
    for (const [index, layer] of layers.entries()) {
      onLayer(index);
      left -= await unpackLayer(layer, out, left);
    }
    out.finish();
  } catch (error) {
    throw readable(error, tree);
  }
}

async function unpackLayer(layer: Layer, out: Unpacker, limit: number): Promise<number> {
  const hash = sha256Stream();
  const reader = tarReader((entry) => (isDevice(entry) ? undefined : out.entry(forOneUser(entry))));
  let size = 0;
  for await (const chunk of readDecompressed(layer.path, limit)) {
    hash.update(chunk);
    reader.write(chunk);
    size += chunk.length;
  }
  reader.end();
  out.nextLayer();
  const found = hash.digest();
  if (found !== layer.diffId) {
    throw new SamesourceError('digest-mismatch', `uncompressed layer: expected ${layer.diffId}, got ${found}`);
  }
  return size;
}

/** Engines mount their own /dev; a device anywhere else is refused by the unpacker. */
function isDevice(entry: TarEntry): boolean {
  return ['character', 'block', 'fifo'].includes(entry.type) && /^(?:\.\/)?dev\//.test(entry.path);
}

const latestTime = 2 ** 33;

function forOneUser(entry: TarEntry): TarEntry {
  const owner = (entry.mode >> 6) & 0o7;
  const mode = (owner << 6) | ((owner & 0o5) << 3) | (owner & 0o5) | (entry.type === 'directory' ? 0o755 : 0o444);
  return { ...entry, mode, mtime: Math.min(Math.max(entry.mtime, 0), latestTime) };
}

/** A name or link that the file system does not take is the image's fault. */
function readable(error: unknown, tree: string): unknown {
  if (!(error instanceof Error) || !isErrno(error, ...refused)) return noRoomLeft(error, `writing ${tree}`) ?? error;
  return new SamesourceError('archive-unsafe', `layer: ${error.message}`, { cause: error });
}

const refused = ['ENAMETOOLONG', 'ELOOP', 'EINVAL', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOENT', 'EMLINK', 'EILSEQ'];
