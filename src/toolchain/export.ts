/**
 * A root as an OCI image: a layout directory, or one tar that `podman load` and `docker load` read
 * too. One layer and no clock: the same tree gives the same bytes.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { mediaTypes } from '../format/oci.ts';
import { tarEnd, tarHeader, tarPadding } from '../format/tar.ts';
import type { Sha256 } from '../model/digest.ts';
import { noRoomLeft, SamesourceError } from '../model/error.ts';
import { sha256Of, sha256Stream } from '../platform/digest.ts';
import { exists, removeTree } from '../platform/files.ts';
import type { Context } from '../store/context.ts';
import { treeTar } from '../store/tree-tar.ts';
import { recordedDirectories } from './directories.ts';
import type { Root } from './types.ts';

export interface ExportWish {
  /** What to make; must not be there yet. */
  readonly path: string;
  readonly form: 'layout' | 'archive';
}

export interface Exported {
  /** What a claim names: `oci:PATH@sha256:MANIFEST` or `oci-archive:PATH@sha256:MANIFEST`. */
  readonly manifest: Sha256;
  /** The image ID of docker and podman. */
  readonly config: Sha256;
}

/** @throws SamesourceError `usage` if the path is taken, `disk-full` */
export async function exportRoot(root: Root, wish: ExportWish, ctx: Context): Promise<Exported> {
  if (await exists(wish.path)) throw new SamesourceError('usage', `${wish.path} is there already`);
  // Beside its final place, so that it gets its name whole and at once.
  const unfinished = join(dirname(wish.path), `.samesource-export-${process.pid}`);
  try {
    await mkdir(join(unfinished, 'layout/blobs/sha256'), { recursive: true });
    const exported = await writeLayout(root, join(unfinished, 'layout'), ctx);
    if (wish.form === 'archive') await writeArchive(join(unfinished, 'layout'), exported, join(unfinished, 'archive'));
    await rename(join(unfinished, wish.form), wish.path);
    return { manifest: exported.manifest, config: exported.config };
  } catch (error) {
    ctx.signal.throwIfAborted();
    throw noRoomLeft(error, `writing ${wish.path}`) ?? error;
  } finally {
    await removeTree(unfinished);
  }
}

interface Written extends Exported {
  /** All files of the layout, in the order in which an archive holds them. */
  readonly files: readonly string[];
}

async function writeLayout(root: Root, dir: string, ctx: Context): Promise<Written> {
  ctx.progress.update('writing the layer');
  const layer = await writeLayer(root, dir, ctx);
  const documents = describeImage(root, layer);
  for (const [path, text] of documents.files) await writeFile(join(dir, path), text);
  const files = [...documents.files.keys(), `blobs/sha256/${layer.digest}`];
  return { manifest: documents.manifest, config: documents.config, files };
}

interface Part {
  readonly digest: Sha256;
  readonly size: number;
}

async function writeLayer(root: Root, dir: string, ctx: Context): Promise<Part> {
  const path = join(dir, 'blobs/sha256/layer');
  const chunks = treeTar(root.tree, await recordedDirectories(root.tree));
  const hash = sha256Stream();
  let size = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  await pipeline(counted, createWriteStream(path, { flags: 'wx', highWaterMark: 1024 * 1024 }), { signal: ctx.signal });
  const digest = hash.digest();
  await rename(path, join(dir, 'blobs/sha256', digest));
  return { digest, size };
}

interface Documents extends Exported {
  /** Text by path in the layout. */
  readonly files: ReadonlyMap<string, string>;
}

/** The image's documents as plain data (image-spec 1.1; `manifest.json` is docker's own). */
function describeImage(root: Root, layer: Part): Documents {
  const [os, architecture] = root.identity.platform.split('/');
  const env = Object.entries(root.env).map(([name, value]) => `${name}=${value}`);
  const title = `samesource ${root.identity.kind} toolchain ${root.identity.digest}`;
  const config = JSON.stringify({
    created: '1970-01-01T00:00:00Z',
    architecture,
    os,
    config: { Env: env.toSorted() },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer.digest}`] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: title }],
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest[0],
    config: descriptor(mediaTypes.config[0], partOf(config)),
    layers: [descriptor(mediaTypes.layer[0], layer)],
  });
  const name = `localhost/samesource-toolchain:${root.identity.digest}`;
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.index[0],
    manifests: [
      {
        ...descriptor(mediaTypes.manifest[0], partOf(manifest)),
        platform: { architecture, os },
        annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name },
      },
    ],
  });
  const blob = (part: Part): string => `blobs/sha256/${part.digest}`;
  const forDocker = [{ Config: blob(partOf(config)), RepoTags: [name], Layers: [blob(layer)] }];
  const files = new Map([
    ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'],
    ['index.json', index],
    ['manifest.json', JSON.stringify(forDocker)],
    [blob(partOf(manifest)), manifest],
    [blob(partOf(config)), config],
  ]);
  return { files, manifest: partOf(manifest).digest, config: partOf(config).digest };
}

function partOf(text: string): Part {
  return { digest: sha256Of(text), size: Buffer.byteLength(text) };
}

function descriptor(mediaType: string, { digest, size }: Part): object {
  return { mediaType, digest: `sha256:${digest}`, size };
}

async function writeArchive(dir: string, { files }: Written, path: string): Promise<void> {
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (const name of files) {
      const { size } = await stat(join(dir, name));
      yield header(name, size);
      yield* createReadStream(join(dir, name), { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>;
      yield tarPadding(size);
    }
    yield tarEnd;
  };
  await pipeline(chunks, createWriteStream(path, { flags: 'wx' }));
}

function header(path: string, size: number): Buffer {
  const owner = { uid: 0, gid: 0, uname: '', gname: '' };
  return tarHeader({ ...owner, path, type: 'file', mode: 0o644, size, mtime: 0, link: '' });
}
