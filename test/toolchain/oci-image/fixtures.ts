/** Images made in code: layers, layouts and archives, honest and hostile. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tarEnd, tarHeader, tarPadding, type TarEntry } from '../../../src/format/tar.ts';
import { silent } from '../../../src/model/progress.ts';
import { httpClient } from '../../../src/platform/http.ts';
import type { Context, Settings } from '../../../src/store/context.ts';
import { openStore } from '../../../src/store/store.ts';

export type Piece = Partial<TarEntry> & { readonly path: string; readonly body?: string | Buffer };

/** A tar; the type is `file` unless it is named. */
export function tar(pieces: readonly Piece[]): Buffer {
  return Buffer.concat([...pieces.flatMap(blocks), tarEnd]);
}

function blocks({ body = '', ...given }: Piece): Buffer[] {
  const content = Buffer.from(body);
  const type = given.type ?? 'file';
  const mode = given.mode ?? (type === 'directory' ? 0o755 : 0o644);
  const fixed = { uid: 0, gid: 0, uname: '', gname: '', mtime: 1_234_567_890, link: '' };
  return [tarHeader({ ...fixed, ...given, type, mode, size: content.length }), content, tarPadding(content.length)];
}

export function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface Made {
  readonly manifest: string;
  readonly config: string;
  readonly index: string;
  /** Every blob by digest. */
  readonly blobs: ReadonlyMap<string, Buffer>;
  readonly layers: readonly Buffer[];
}

export interface Wish {
  readonly architecture?: string;
  readonly env?: readonly string[];
  readonly diffIds?: readonly string[];
  readonly compress?: (tar: Buffer) => Buffer;
  readonly docker?: boolean;
}

/** An image of these uncompressed layers, and an index that names it for its platform. */
export function makeImage(layers: readonly Buffer[], wish: Wish = {}): Made {
  const blobs = new Map<string, Buffer>();
  const keep = (mediaType: string, bytes: Buffer): { mediaType: string; digest: string; size: number } => {
    blobs.set(digest(bytes), bytes);
    return { mediaType, digest: `sha256:${digest(bytes)}`, size: bytes.length };
  };
  const keepJson = (mediaType: string, value: object): ReturnType<typeof keep> =>
    keep(mediaType, Buffer.from(JSON.stringify(value)));
  const types = wish.docker === true ? dockerTypes : ociTypes;
  const config = keepJson(types.config, {
    architecture: wish.architecture ?? 'amd64',
    os: 'linux',
    config: { Env: wish.env ?? ['PATH=/opt/quince/bin:/bin', 'QUINCE=ripe=yes'] },
    rootfs: { type: 'layers', diff_ids: wish.diffIds ?? layers.map((layer) => `sha256:${digest(layer)}`) },
  });
  const manifest = keepJson(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config,
    layers: layers.map((layer) => keep(types.layer, (wish.compress ?? gzipSync)(layer))),
  });
  const index = keepJson(types.index, {
    schemaVersion: 2,
    mediaType: types.index,
    manifests: [
      { ...manifest, digest: `sha256:${'0'.repeat(64)}`, platform: { os: 'linux', architecture: 's390x' } },
      { ...manifest, platform: { os: 'linux', architecture: wish.architecture ?? 'amd64' } },
    ],
  });
  const [manifestHex, configHex, indexHex] = [manifest, config, index].map((one) => one.digest.slice(7));
  return { manifest: manifestHex ?? '', config: configHex ?? '', index: indexHex ?? '', blobs, layers };
}

const ociTypes = {
  config: 'application/vnd.oci.image.config.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

const dockerTypes = {
  config: 'application/vnd.docker.container.image.v1+json',
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const;

export function layoutFiles(image: Made): Map<string, Buffer> {
  const blobs = [...image.blobs].map(([hex, bytes]) => [`blobs/sha256/${hex}`, bytes] as const);
  return new Map([['oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')], ...blobs]);
}

/** As `docker save` before version 25 writes it. */
export function oldDockerFiles(image: Made): Map<string, Buffer> {
  const layers = image.layers.map((layer, index) => [`layer-${index}/layer.tar`, layer] as const);
  const manifest = [{ Config: `${image.config}.json`, RepoTags: ['quince:1'], Layers: layers.map(([path]) => path) }];
  const config = image.blobs.get(image.config) ?? Buffer.alloc(0);
  return new Map([
    [`${image.config}.json`, config],
    ...layers,
    ['manifest.json', Buffer.from(JSON.stringify(manifest))],
  ]);
}

/** As Docker from version 25 on writes it: the same, with its paths in a layout. */
export function newDockerFiles(image: Made): Map<string, Buffer> {
  const layers = image.layers.map((layer) => [`blobs/sha256/${digest(layer)}`, layer] as const);
  const manifest = [{ Config: `blobs/sha256/${image.config}`, RepoTags: null, Layers: layers.map(([path]) => path) }];
  return new Map([...layoutFiles(image), ...layers, ['manifest.json', Buffer.from(JSON.stringify(manifest))]]);
}

export function writeFiles(dir: string, files: ReadonlyMap<string, Buffer>): string {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), bytes);
  }
  return dir;
}

export function archive(files: ReadonlyMap<string, Buffer>): Buffer {
  return tar([...files].map(([path, body]) => ({ path, body })));
}

export interface Bench extends AsyncDisposable {
  readonly dir: string;
  readonly ctx: Context;
}

/** A directory with an empty store, and what a stage is handed. */
export async function bench(settings: Partial<Settings> = {}, env: Context['env'] = {}): Promise<Bench> {
  const dir = mkdtempSync(join(tmpdir(), 'oci-image-'));
  const ctx: Context = {
    store: await openStore(join(dir, 'store')),
    http: httpClient({}),
    progress: silent,
    settings: {
      mirrors: {},
      snapshot: '',
      keyrings: [],
      engine: 'auto',
      podman: {},
      docker: {},
      insecureRegistries: [],
      ...settings,
    },
    signal: new AbortController().signal,
    now: () => new Date(),
    base: dir,
    env,
    platform: 'linux/amd64',
  };
  return { dir, ctx, [Symbol.asyncDispose]: async () => rmSync(dir, { recursive: true, force: true }) };
}
