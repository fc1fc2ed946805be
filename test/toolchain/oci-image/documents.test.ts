import { describe, expect, test } from 'vitest';
import { parseConfig, parseManifest } from '../../../src/format/oci.ts';

const descriptor = {
  mediaType: 'application/vnd.oci.image.config.v1+json',
  digest: `sha256:${'a'.repeat(64)}`,
  size: 7,
};
const layer = { ...descriptor, mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd' };
const manifest = { schemaVersion: 2, config: descriptor, layers: [layer] };
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe('manifest', () => {
  test('without a media type is told by its content', () => {
    expect(parseManifest(bytes(manifest), 'm').kind).toBe('manifest');
    expect(parseManifest(bytes({ schemaVersion: 2, manifests: [] }), 'm').kind).toBe('index');
  });

  test.each<[string, unknown, string]>([
    ['both an index and a manifest (CVE-2021-41190)', { ...manifest, manifests: [] }, 'archive-unsafe'],
    ['neither', { schemaVersion: 2 }, 'archive-unsafe'],
    [
      'an index that says it is a manifest',
      { schemaVersion: 2, manifests: [], mediaType: 'application/vnd.oci.image.manifest.v1+json' },
      'archive-unsafe',
    ],
    ['schema 1', { schemaVersion: 1, fsLayers: [] }, 'unsupported'],
    ['an artifact', { ...manifest, config: { ...descriptor, mediaType: 'application/vnd.example' } }, 'unsupported'],
    [
      'a foreign layer',
      { ...manifest, layers: [{ ...layer, mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' }] },
      'unsupported',
    ],
    ['a short digest', { ...manifest, layers: [{ ...layer, digest: 'sha256:abc' }] }, 'archive-unsafe'],
    [
      'another algorithm',
      { ...manifest, layers: [{ ...layer, digest: `sha512:${'a'.repeat(128)}` }] },
      'archive-unsafe',
    ],
    ['a negative size', { ...manifest, config: { ...descriptor, size: -1 } }, 'archive-unsafe'],
    ['too many layers', { ...manifest, layers: Array.from({ length: 600 }, () => layer) }, 'archive-unsafe'],
    ['no object', [], 'archive-unsafe'],
  ])('%s', (_what, value, code) => {
    expect(() => parseManifest(bytes(value), 'm')).toThrow(expect.objectContaining({ code }));
  });

  test('no JSON, and too much of it', () => {
    expect(() => parseManifest(Buffer.from('{'), 'm')).toThrow(expect.objectContaining({ code: 'archive-unsafe' }));
    expect(() => parseManifest(Buffer.alloc(5_000_000, ' '), 'm')).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    );
  });
});

describe('config', () => {
  const config = { os: 'linux', architecture: 'arm64', rootfs: { type: 'layers', diff_ids: [] } };

  test('without settings has an empty environment', () => {
    expect(parseConfig(bytes(config), 'c')).toEqual({ platform: 'linux/arm64', env: {}, diffIds: [] });
    expect(parseConfig(bytes({ ...config, config: { Env: null } }), 'c').env).toEqual({});
  });

  test.each(['NOTHING', '=x', 'A=b\0c'])('environment %j is refused', (entry) => {
    const value = { ...config, config: { Env: [entry] } };
    expect(() => parseConfig(bytes(value), 'c')).toThrow(expect.objectContaining({ code: 'archive-unsafe' }));
  });

  test('a variable named __proto__ is only a name', () => {
    const { env } = parseConfig(bytes({ ...config, config: { Env: ['__proto__=x'] } }), 'c');
    expect(Object.keys(env)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(env)).toBe(Object.prototype);
  });
});
