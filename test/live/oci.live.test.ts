/** Images against the real thing: Debian's docker-registry on loopback, and podman. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Context } from '../../src/store/context.ts';
import { exportRoot } from '../../src/toolchain/export.ts';
import { ociImage } from '../../src/toolchain/oci-image/oci-image.ts';
import type { Root } from '../../src/toolchain/types.ts';
import { bench, layoutFiles, makeImage, tar, writeFiles, type Bench } from '../toolchain/oci-image/fixtures.ts';
import { startDockerDaemon } from './docker-daemon.ts';
import { push, startRegistry, startTokenServer, type Registry } from './registry.ts';

const hasRegistry = spawnSync('docker-registry', ['--version']).error === undefined;
const hasPodman = spawnSync('podman', ['--version']).error === undefined && process.getuid?.() === 0;
const hasDocker = spawnSync('dockerd', ['--version']).error === undefined && process.getuid?.() === 0;

const first = makeImage([
  tar([{ path: 'etc/quince', body: 'low' }, { path: 'etc/medlar' }]),
  tar([{ path: 'etc/.wh.medlar' }, { path: 'etc/quince', body: 'high' }]),
]);
const second = makeImage([tar([{ path: 'etc/quince', body: 'another image' }])], { docker: true });

async function open(image: string, ctx: Context): Promise<Root> {
  return ociImage.prepare(await ociImage.resolve({ kind: 'image', image, platform: 'linux/amd64' }, ctx), ctx);
}

function asking(at: Bench, registry: Registry, env: Context['env'] = {}): Context {
  return { ...at.ctx, env, settings: { ...at.ctx.settings, insecureRegistries: [registry.host] } };
}

const named = (registry: Registry, digest: string): string => `${registry.host}/fruit/quince@sha256:${digest}`;
const read = (root: Root, path: string): string => readFileSync(join(root.tree, path), 'utf8');

describe.skipIf(!hasRegistry)(`registry${hasRegistry ? '' : ' (skipped: docker-registry is not installed)'}`, () => {
  test('an image is pulled by digest, in OCI and in Docker form', async () => {
    await using at = await bench();
    await using registry = await startRegistry(at.dir);
    const ctx = asking(at, registry);
    for (const [image, content] of [
      [first, 'high'],
      [second, 'another image'],
    ] as const) {
      await push(registry, 'fruit/quince', 'ripe', image);
      const root = await open(named(registry, image.manifest), ctx);
      expect(root.identity.digest).toBe(image.manifest);
      expect(read(root, 'etc/quince')).toBe(content);
      expect(root.env['QUINCE']).toBe('ripe=yes');
    }
  });

  test('a tag is refused, and a re-pushed one changes nothing for the digest', async () => {
    await using at = await bench();
    await using registry = await startRegistry(at.dir);
    const ctx = asking(at, registry);
    await push(registry, 'fruit/quince', 'ripe', first);
    await push(registry, 'fruit/quince', 'ripe', second);
    const tagged = open(`${registry.host}/fruit/quince:ripe`, ctx);
    await expect(tagged).rejects.toMatchObject({ code: 'claim-invalid' });
    expect(read(await open(named(registry, first.manifest), ctx), 'etc/quince')).toBe('high');
  });

  test('what is in the store is not asked for again', async () => {
    await using at = await bench();
    const registry = await startRegistry(at.dir);
    const ctx = asking(at, registry);
    await push(registry, 'fruit/quince', 'ripe', first);
    const image = named(registry, first.manifest);
    const root = await open(image, ctx);
    await registry[Symbol.asyncDispose]();
    expect(await open(image, ctx)).toEqual(root);
    rmSync(join(root.tree, '..'), { recursive: true });
    expect(read(await open(image, ctx), 'etc/quince')).toBe('high');
  });

  test('a registry whose disk was changed is found out', async () => {
    await using at = await bench();
    await using registry = await startRegistry(at.dir);
    await push(registry, 'fruit/quince', 'ripe', first);
    const layer =
      [...first.blobs.keys()].find((hex) => ![first.manifest, first.config, first.index].includes(hex)) ?? '';
    const blob = join(at.dir, 'registry/docker/registry/v2/blobs/sha256', layer.slice(0, 2), layer, 'data');
    writeFileSync(blob, Buffer.alloc(readFileSync(blob).length));
    const pulled = open(named(registry, first.manifest), asking(at, registry));
    await expect(pulled).rejects.toMatchObject({ code: 'digest-mismatch' });
  });

  test('an image that is not there', async () => {
    await using at = await bench();
    await using registry = await startRegistry(at.dir);
    const pulled = open(named(registry, 'e'.repeat(64)), asking(at, registry));
    await expect(pulled).rejects.toMatchObject({ code: 'toolchain-unavailable' });
  });

  test('bearer tokens: with the password of the docker configuration, and not without', async () => {
    await using at = await bench();
    {
      await using registry = await startRegistry(at.dir);
      await push(registry, 'fruit/quince', 'ripe', first);
    }
    await using tokens = await startTokenServer(at.dir, 'eve:apple');
    await using registry = await startRegistry(at.dir, tokens);
    const image = named(registry, first.manifest);
    await expect(open(image, asking(at, registry))).rejects.toMatchObject({ code: 'toolchain-unavailable' });

    mkdirSync(join(at.dir, '.docker'));
    const auth = Buffer.from('eve:apple').toString('base64');
    writeFileSync(join(at.dir, '.docker/config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    const root = await open(image, asking(at, registry, { HOME: at.dir }));
    expect(read(root, 'etc/quince')).toBe('high');
    expect(tokens.asked.at(-1)?.scope).toBe('repository:fruit/quince:pull');
  });
});

describe.skipIf(!hasPodman)(`podman${hasPodman ? '' : ' (skipped: needs podman and root)'}`, () => {
  test('loads our archive, and we read what it saves', async () => {
    await using at = await bench();
    writeFiles(join(at.dir, 'layout'), layoutFiles(first));
    const root = await open(`oci:layout@sha256:${first.manifest}`, at.ctx);
    const exported = await exportRoot(root, { path: join(at.dir, 'exported.tar'), form: 'archive' }, at.ctx);
    const storage = ['--root', join(at.dir, 'podman'), '--runroot', join(at.dir, 'run'), '--storage-driver', 'vfs'];
    const podman = (...args: string[]): string =>
      execFileSync('podman', [...storage, '--runtime', 'runc', ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();

    podman('load', '-i', join(at.dir, 'exported.tar'));
    const name = `localhost/samesource-toolchain:${first.manifest}`;
    expect(podman('image', 'inspect', '--format', '{{.Id}}', name)).toBe(exported.config);
    podman('save', '--format', 'docker-archive', '-o', join(at.dir, 'saved.tar'), name);
    podman('save', '--format', 'oci-archive', '-o', join(at.dir, 'saved-oci.tar'), name);
    const index = execFileSync('tar', ['-xOf', join(at.dir, 'saved-oci.tar'), 'index.json'], { encoding: 'utf8' });
    const saved = (JSON.parse(index) as { manifests: { digest: string }[] }).manifests[0]?.digest;

    for (const image of [`docker-archive:saved.tar@sha256:${exported.config}`, `oci-archive:saved-oci.tar@${saved}`]) {
      const again = await open(image, at.ctx);
      expect(readdirSync(again.tree, { recursive: true })).toEqual(readdirSync(root.tree, { recursive: true }));
      expect(read(again, 'etc/quince')).toBe('high');
      expect(again.env).toEqual(root.env);
    }
    podman('rmi', '--all', '--force');
  });
});

describe.skipIf(!hasDocker)(`docker${hasDocker ? '' : ' (skipped: needs dockerd and root)'}`, () => {
  test('loads our archive, and we read what it saves', { timeout: 60_000 }, async () => {
    await using at = await bench();
    writeFiles(join(at.dir, 'layout'), layoutFiles(first));
    const root = await open(`oci:layout@sha256:${first.manifest}`, at.ctx);
    const exported = await exportRoot(root, { path: join(at.dir, 'exported.tar'), form: 'archive' }, at.ctx);
    await using daemon = await startDockerDaemon(join(at.dir, 'docker'));
    const docker = (...args: string[]): string =>
      execFileSync('docker', ['--host', daemon.host, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();

    docker('load', '--input', join(at.dir, 'exported.tar'));
    const name = `localhost/samesource-toolchain:${first.manifest}`;
    expect(docker('image', 'inspect', '--format', '{{.Id}}', name)).toBe(`sha256:${exported.config}`);
    docker('save', '--output', join(at.dir, 'saved.tar'), name);
    const again = await open(`docker-archive:saved.tar@sha256:${exported.config}`, at.ctx);
    expect(readdirSync(again.tree, { recursive: true })).toEqual(readdirSync(root.tree, { recursive: true }));
    expect(read(again, 'etc/quince')).toBe('high');
    expect(again.env).toEqual(root.env);
  });
});
