import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { parseStatus } from '../../src/engine/bubblewrap/engine.ts';
import { diagnose } from '../../src/engine/bubblewrap/diagnose.ts';
import { isRecent } from '../../src/engine/bubblewrap/locate.ts';
import { pinnedPackages } from '../../src/engine/bubblewrap/packages.ts';
import { requireReachable } from '../../src/engine/bubblewrap/user.ts';
import { memoryEvents } from '../../src/engine/cgroup.ts';
import { parseState } from '../../src/engine/container.ts';
import { endOf } from '../../src/engine/end.ts';
import { engines } from '../../src/engine/index.ts';
import { engineLog } from '../../src/engine/log.ts';
import { openToAll } from '../../src/engine/ownership.ts';
import { prepareRoot } from '../../src/engine/root.ts';
import { probeEngines, selectEngine } from '../../src/engine/select.ts';
import { treeTar } from '../../src/store/tree-tar.ts';
import type { Engine, EngineKind, EngineProbe } from '../../src/engine/types.ts';
import { diskUse, untilGone } from '../../src/engine/watchdog.ts';
import { readTar, type TarEntry } from '../../src/format/tar.ts';
import { context, plan, platform, remove, scratch } from './support.ts';

const root = scratch('parts');
afterAll(() => remove(root));
let count = 0;
const fresh = (): string => {
  const dir = join(root, `dir-${count++}`);
  mkdirSync(dir);
  return dir;
};

const rooted = (): string => {
  const tree = fresh();
  mkdirSync(join(tree, 'bin'));
  writeFileSync(join(tree, 'bin/sh'), '');
  return tree;
};

const asking = async (engine: 'auto' | EngineKind) => {
  const ctx = await context(root);
  return { ...ctx, settings: { ...ctx.settings, engine } };
};

describe('how a build ended', () => {
  test.each([
    [0, { kind: 'exited', code: 0 }],
    [127, { kind: 'exited', code: 127 }],
    [128, { kind: 'exited', code: 128 }],
    [137, { kind: 'killed', signal: 'SIGKILL' }],
    [139, { kind: 'killed', signal: 'SIGSEGV' }],
    [255, { kind: 'exited', code: 255 }],
  ])('status %i', (code, end) => {
    expect(endOf(code)).toEqual(end);
  });

  test('bubblewrap names no exit code for a command that it never started', () => {
    expect(parseStatus('{ "child-pid": 12 }\n{ "exit-code": 7 }\n')).toEqual({ init: 12, exitCode: 7 });
    expect(parseStatus('{ "child-pid": 12, "net-namespace": 4 }\n')).toEqual({ init: 12, exitCode: undefined });
    expect(parseStatus('')).toEqual({ init: undefined, exitCode: undefined });
  });

  test('a container that was made and never started has not ended', () => {
    expect(parseState('created 127 false 0\n')).toMatchObject({ ended: false, pid: undefined });
    expect(parseState('running 0 false 77\n')).toMatchObject({ ended: false, pid: 77 });
    expect(parseState('exited 137 true 0\n')).toMatchObject({ ended: true, exitCode: 137, outOfMemory: true });
    expect(parseState('')).toBeUndefined();
  });
});

describe('a root', () => {
  test('gets the directories of its mounts, twice without harm', async () => {
    const tree = rooted();
    const made = plan(root, tree, [], { mount: { host: root, inside: '/deep/er' } });
    const ctx = await context(root);
    await prepareRoot(made, ctx);
    await prepareRoot(made, ctx);
    for (const path of ['proc', 'dev', 'sys', 'tmp', 'deep/er']) expect(existsSync(join(tree, path))).toBe(true);
    expect(statSync(join(tree, 'tmp')).mode & 0o7777).toBe(0o1777);
  });

  test.each(['/link', '/link/below', '/file', '/../out'])('is refused where %s would lead out', async (inside) => {
    const tree = rooted();
    symlinkSync(root, join(tree, 'link'));
    writeFileSync(join(tree, 'file'), '');
    const made = plan(root, tree, [], { mount: { host: root, inside } });
    await expect(prepareRoot(made, await context(root))).rejects.toMatchObject({ code: 'unsupported' });
    expect(existsSync(join(root, 'below'))).toBe(false);
  });

  test('is refused without a shell', async () => {
    await expect(prepareRoot(plan(root, fresh(), []), await context(root))).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  test('as a tar is the same bytes each time, with every kind of entry', async () => {
    const tree = fresh();
    mkdirSync(join(tree, 'b'));
    writeFileSync(join(tree, 'b/file'), 'content');
    chmodSync(join(tree, 'b/file'), 0o755);
    linkSync(join(tree, 'b/file'), join(tree, 'b/other'));
    symlinkSync('b/file', join(tree, 'a'));
    writeFileSync(join(tree, 'empty'), '');
    const tar = async (): Promise<Buffer> => {
      const pieces: Uint8Array[] = [];
      for await (const piece of treeTar(tree)) pieces.push(piece);
      return Buffer.concat(pieces);
    };
    const bytes = await tar();
    expect((await tar()).equals(bytes)).toBe(true);
    const entries: TarEntry[] = [];
    await readTar([bytes], (entry) => void entries.push(entry));
    expect(entries.map(({ path, type, link, uid }) => [path, type, link, uid])).toEqual([
      ['a', 'symlink', 'b/file', 0],
      ['b/', 'directory', '', 0],
      ['b/file', 'file', '', 0],
      ['b/other', 'hardlink', 'b/file', 0],
      ['empty', 'file', '', 0],
    ]);
    expect(entries[2]).toMatchObject({ mode: 0o755, size: 7 });
  });
});

describe('limits', () => {
  test('disk use counts what is on the disk, and stops counting when it is enough', () => {
    const dir = fresh();
    mkdirSync(join(dir, 'sub'));
    writeFileSync(join(dir, 'sub/file'), Buffer.alloc(300_000, 1));
    writeFileSync(join(dir, 'sparse'), '');
    truncateSync(join(dir, 'sparse'), 1e12);
    expect(diskUse(dir, Infinity)).toBeGreaterThanOrEqual(300_000);
    expect(diskUse(dir, Infinity)).toBeLessThan(1_000_000);
  });

  test('a process that runs is waited for, one that does not is not', async () => {
    expect(await untilGone([process.pid], 20)).toBe(false);
    expect(await untilGone([2 ** 22 + 1])).toBe(true);
  });

  test('finds the memory events of both versions of cgroups', () => {
    expect(memoryEvents('9:name=systemd:/a\n4:memory:/docker/x\n0::/y\n')).toEqual([
      '/sys/fs/cgroup/memory/docker/x/memory.oom_control',
      '/sys/fs/cgroup/y/memory.events',
    ]);
    expect(memoryEvents('')).toEqual([]);
  });
});

describe('the log', () => {
  test('keeps its tail, and leaves the log that it writes to open', async () => {
    const kept = new PassThrough().resume();
    const log = engineLog(kept);
    log.writable.write(Buffer.alloc(10_000, 0x61));
    log.writable.write('bwrap: no');
    await log.close();
    expect(log.bytes()).toBe(10_009);
    expect(log.tail().endsWith('bwrap: no')).toBe(true);
    expect(log.tail().length).toBeLessThan(5000);
    expect(kept.writable).toBe(true);
  });

  test('that cannot be written says so in the end', async () => {
    const full = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('full'), { code: 'ENOSPC' })),
    });
    full.on('error', () => {});
    const log = engineLog(full);
    log.writable.write('x');
    await expect(log.close()).rejects.toMatchObject({ code: 'ENOSPC' });
  });
});

describe('who may enter', () => {
  const stranger = { uid: 61234, gid: 61234 };

  test('directories of the store are opened, others are not', () => {
    const store = fresh();
    const inner = join(store, 'inner');
    mkdirSync(inner, { mode: 0o700 });
    requireReachable(inner, stranger, store);
    expect(statSync(inner).mode & 0o001).toBe(1);
    const closed = fresh();
    chmodSync(closed, 0o700);
    expect(() => requireReachable(closed, stranger, store)).toThrow(
      expect.objectContaining({ code: 'engine-unavailable' }),
    );
  });

  test('a mount can be opened to all without following its links', () => {
    const dir = fresh();
    const outside = join(fresh(), 'outside');
    writeFileSync(outside, '', { mode: 0o600 });
    writeFileSync(join(dir, 'file'), '', { mode: 0o600 });
    symlinkSync(outside, join(dir, 'link'));
    openToAll(dir);
    expect(statSync(join(dir, 'file')).mode & 0o777).toBe(0o666);
    expect(statSync(dir).mode & 0o777).toBe(0o777);
    expect(statSync(outside).mode & 0o777).toBe(0o600);
  });

  test.skipIf(process.getuid?.() !== 0)('what an earlier step of the build owns is left as it is (needs root)', () => {
    const dir = fresh();
    for (const name of ['first', 'second']) mkdirSync(join(dir, name), { mode: 0o755 });
    chownSync(join(dir, 'first'), stranger.uid, stranger.gid);
    openToAll(dir);
    expect(statSync(join(dir, 'first')).mode & 0o777).toBe(0o755);
    expect(statSync(join(dir, 'second')).mode & 0o777).toBe(0o777);
  });
});

describe('bubblewrap', () => {
  test.each([
    ['0.8.0', true],
    ['0.11.0', true],
    ['1.0.0', true],
    ['0.6.1', false],
  ])('version %s is new enough: %s', (version, recent) => {
    expect(isRecent(version)).toBe(recent);
  });

  test.each([
    'bwrap: setting up uid map: Permission denied',
    "bwrap: Can't mount proc on /newroot/proc: Operation not permitted",
    'bwrap: Creating new namespace failed: No space left on device',
  ])('says what to do about: %s', (said) => {
    const { why, hint } = diagnose(`noise\n${said}\n`);
    expect(why).toContain(said);
    expect(hint).not.toBe(diagnose('bwrap: something new').hint);
  });

  test.each(['linux/amd64', 'linux/arm64'] as const)('pins five packages for %s', (one) => {
    const arch = one.slice(6);
    const pinned = pinnedPackages(one);
    expect(pinned).toHaveLength(5);
    expect(pinned.every((file) => file.name.endsWith(`_${arch}.deb`))).toBe(true);
  });

  test('that is nowhere to be had fails its probe with a hint', async () => {
    const ctx = { ...(await context(fresh())), env: { PATH: '/nonexistent' } };
    const probe = await engines.bubblewrap.probe(ctx);
    expect(probe.works).toBeUndefined();
    expect(probe.fails?.hint).toBeTruthy();
  });
});

describe('the choice of an engine', () => {
  const identity = { name: 'x', version: '1', origin: '/x', lacks: [] };
  const fake = (kind: EngineKind, works: boolean): Engine => ({
    probe: async (): Promise<EngineProbe> =>
      works ? { kind, works: identity } : { kind, fails: { why: `${kind} is broken`, hint: `mend ${kind}` } },
    run: () => Promise.reject(new Error('not run')),
    release: async () => {},
  });
  const table = (...working: EngineKind[]): Record<EngineKind, Engine> => ({
    bubblewrap: fake('bubblewrap', working.includes('bubblewrap')),
    podman: fake('podman', working.includes('podman')),
    docker: fake('docker', working.includes('docker')),
  });
  test('auto takes the first that works', async () => {
    const engines = table('docker', 'podman');
    expect((await selectEngine(await asking('auto'), engines)).engine).toBe(engines.podman);
  });

  test('a named one is taken or nothing', async () => {
    const engines = table('bubblewrap');
    await expect(selectEngine(await asking('docker'), engines)).rejects.toMatchObject({ code: 'engine-unavailable' });
  });

  test('all that failed are named, each with its hint', async () => {
    const error: unknown = await selectEngine(await asking('auto'), table()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'engine-unavailable' });
    for (const kind of ['bubblewrap', 'podman', 'docker']) {
      expect((error as Error).message).toContain(kind);
      expect((error as { hint?: string }).hint).toContain(`mend ${kind}`);
    }
  });

  test('the doctor hears of every one', async () => {
    const probes = await probeEngines(await asking('auto'), table('podman'));
    expect(probes.map((probe) => [probe.kind, probe.works !== undefined])).toEqual([
      ['bubblewrap', false],
      ['podman', true],
      ['docker', false],
    ]);
  });

  test.each(Object.entries(engines))('%s refuses another platform', async (_kind, engine) => {
    const other = platform === 'linux/amd64' ? 'linux/arm64' : 'linux/amd64';
    const made = plan(root, root, ['/bin/true'], { platform: other });
    await expect(engine.run(made, new PassThrough(), await context(root))).rejects.toMatchObject({
      code: 'unsupported',
    });
  });
});
