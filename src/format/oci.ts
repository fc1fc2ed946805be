/**
 * Documents of the OCI image-spec 1.1 and of Docker's image manifest v2 schema 2, read strictly:
 * exactly the fields that decide what an image holds.
 */
import { isSha256, type Sha256 } from '../model/digest.ts';
import { SamesourceError } from '../model/error.ts';

export const mediaTypes = {
  index: ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'],
  manifest: ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'],
  config: ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'],
  layer: [
    'application/vnd.oci.image.layer.v1.tar',
    'application/vnd.oci.image.layer.v1.tar+gzip',
    'application/vnd.oci.image.layer.v1.tar+zstd',
    'application/vnd.docker.image.rootfs.diff.tar',
    'application/vnd.docker.image.rootfs.diff.tar.gzip',
    'application/vnd.docker.image.rootfs.diff.tar.zstd',
  ],
} as const;

/** Most bytes of a manifest, an index or a configuration. Distribution-spec 1.1 asks for 4 MiB at least. */
export const documentLimit = 4 * 1024 * 1024;
/** Most layers of one image; engines themselves stop at about 125. */
const layerLimit = 512;

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Sha256;
  /** Bytes. */
  readonly size: number;
}

export interface ImageManifest {
  readonly kind: 'manifest';
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface ImageIndex {
  readonly kind: 'index';
  readonly manifests: readonly (Descriptor & { readonly platform: string | undefined })[];
}

export interface ImageConfig {
  /** `os/architecture`, e.g. `linux/amd64`. */
  readonly platform: string;
  readonly env: Readonly<Record<string, string>>;
  /** Digests of the layers' uncompressed tars, lowest first. */
  readonly diffIds: readonly Sha256[];
}

/**
 * Reads a manifest or an index. One that could be taken for both is refused (CVE-2021-41190).
 * @throws SamesourceError `archive-unsafe`, or `unsupported` for a kind of image that is not read
 */
export function parseManifest(bytes: Uint8Array, what: string): ImageManifest | ImageIndex {
  const document = record(parseDocument(bytes, what), what);
  if (document['schemaVersion'] === 1) throw unsupported(`${what}: Docker's schema 1, which names no image by content`);
  if (document['schemaVersion'] !== 2)
    throw unsafe(`${what}: schemaVersion ${JSON.stringify(document['schemaVersion'])}`);
  const isIndex = 'manifests' in document;
  if (isIndex === ('layers' in document || 'config' in document)) throw unsafe(`${what}: no manifest and no index`);
  const declared = document['mediaType'];
  const expected: readonly string[] = isIndex ? mediaTypes.index : mediaTypes.manifest;
  if (declared !== undefined && !(typeof declared === 'string' && expected.includes(declared))) {
    throw unsafe(`${what}: media type ${JSON.stringify(declared)} for ${isIndex ? 'an index' : 'a manifest'}`);
  }
  return isIndex ? readIndex(document, what) : readManifest(document, what);
}

function readIndex(document: Fields, what: string): ImageIndex {
  const manifests = list(document['manifests'], `${what}: manifests`).map((item, at) => {
    const place = `${what}: manifests[${at}]`;
    const platform = record(item, place)['platform'];
    return { ...descriptor(item, place), platform: platform === undefined ? undefined : platformOf(platform, place) };
  });
  return { kind: 'index', manifests };
}

function readManifest(document: Fields, what: string): ImageManifest {
  const config = descriptor(document['config'], `${what}: config`);
  if (!includes(mediaTypes.config, config.mediaType))
    throw unsupported(`${what}: a config of type ${config.mediaType}`);
  const layers = list(document['layers'], `${what}: layers`).map((item, at) => {
    const layer = descriptor(item, `${what}: layers[${at}]`);
    if (!includes(mediaTypes.layer, layer.mediaType)) throw unsupported(`${what}: a layer of type ${layer.mediaType}`);
    return layer;
  });
  if (layers.length > layerLimit) throw unsafe(`${what}: ${layers.length} layers, at most ${layerLimit} are read`);
  return { kind: 'manifest', config, layers };
}

/** @throws SamesourceError `archive-unsafe` */
export function parseConfig(bytes: Uint8Array, what: string): ImageConfig {
  const document = record(parseDocument(bytes, what), what);
  const rootfs = record(document['rootfs'], `${what}: rootfs`);
  if (rootfs['type'] !== 'layers') throw unsafe(`${what}: rootfs of type ${JSON.stringify(rootfs['type'])}`);
  const diffIds = list(rootfs['diff_ids'], `${what}: diff_ids`).map((item) => ociDigest(item, `${what}: diff_ids`));
  const settings = record(document['config'] ?? {}, `${what}: config`);
  return { platform: platformOf(document, what), env: readEnv(settings['Env'], what), diffIds };
}

function readEnv(value: unknown, what: string): Record<string, string> {
  const entries = list(value ?? [], `${what}: Env`).map((item) => {
    const text = string(item, `${what}: Env`);
    const equals = text.indexOf('=');
    if (equals < 1 || text.includes('\0')) throw unsafe(`${what}: environment "${text}"`);
    return [text.slice(0, equals), text.slice(equals + 1)] as const;
  });
  return Object.fromEntries(entries);
}

/** `variant` only tells 32-bit ARMs apart; for the platforms that builds run on it says nothing. */
function platformOf(value: unknown, what: string): string {
  const { os, architecture } = record(value, `${what}: platform`);
  return `${string(os, `${what}: os`)}/${string(architecture, `${what}: architecture`)}`;
}

function descriptor(value: unknown, what: string): Descriptor {
  const { mediaType, digest, size } = record(value, what);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw unsafe(`${what}: size ${String(size)}`);
  return { mediaType: string(mediaType, `${what}: mediaType`), digest: ociDigest(digest, what), size };
}

/** `sha256:` and the full digest; nothing else counts. */
function ociDigest(value: unknown, what: string): Sha256 {
  const text = string(value, what);
  const hex = text.startsWith('sha256:') ? text.slice('sha256:'.length) : '';
  if (!isSha256(hex)) throw unsafe(`${what}: expected sha256:… with 64 digits, got "${text}"`);
  return hex;
}

type Fields = Readonly<Record<string, unknown>>;

/** @throws SamesourceError `too-large` or `archive-unsafe` */
export function parseDocument(bytes: Uint8Array, what: string): unknown {
  if (bytes.length > documentLimit) throw new SamesourceError('too-large', `${what}: ${bytes.length} bytes`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw new SamesourceError('archive-unsafe', `${what}: no JSON document`, { cause: error });
  }
}

export function record(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unsafe(`${what}: expected an object`);
  return value as Fields;
}

export function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw unsafe(`${what}: expected a list`);
  return value as readonly unknown[];
}

function string(value: unknown, what: string): string {
  if (typeof value !== 'string') throw unsafe(`${what}: expected a text, got ${typeof value}`);
  return value;
}

function includes(known: readonly string[], mediaType: string): boolean {
  return known.includes(mediaType);
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', what);
}

function unsupported(what: string): SamesourceError {
  return new SamesourceError('unsupported', what);
}
