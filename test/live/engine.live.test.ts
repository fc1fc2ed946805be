/**
 * The contract and the containment of every engine, as root and as an ordinary user. As root it starts
 * a docker daemon of its own and runs itself once more as an ordinary user.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aptMirrors } from '../../src/cli/apt-sources.ts';
import { bubblewrap } from '../../src/engine/bubblewrap/engine.ts';
import { engines } from '../../src/engine/index.ts';
import { closeInherited, processMark } from '../../src/platform/process.ts';
import { httpClient } from '../../src/platform/http.ts';
import type { Context } from '../../src/store/context.ts';
import { compileProbe, engineContainment } from '../engine/containment.ts';
import { engineContract, type UnderTest } from '../engine/contract.ts';
import { context, remove, scratch, smallRoot } from '../engine/support.ts';

closeInherited();
const isRoot = process.getuid?.() === 0;
const who = isRoot ? 'root' : 'an ordinary user';
const outer = process.env['SAMESOURCE_TEST_DOCKER'];

const root = scratch('live');
const tree = join(root, 'tree');
smallRoot(tree);
const compiled = compileProbe(tree);
const daemon = isRoot ? await startDocker(join(root, 'docker')) : undefined;
const dockerHost = outer ?? daemon?.host;

const ctx = await liveContext();
const brought = bubblewrap;
/** No bubblewrap on this PATH: the one that samesource brings has to do. */
const bareContext = { ...ctx, env: { ...ctx.env, PATH: '/nonexistent' } };

const cases: readonly (readonly [string, UnderTest, string | undefined])[] = [
  ['bubblewrap', { kind: 'bubblewrap', engine: engines.bubblewrap, ctx, root, tree }, missing('bwrap')],
  ['brought bubblewrap', { kind: 'bubblewrap', engine: brought, ctx: bareContext, root, tree }, undefined],
  ['podman', { kind: 'podman', engine: engines.podman, ctx, root, tree }, missing('podman')],
  [
    'docker',
    { kind: 'docker', engine: engines.docker, ctx, root, tree },
    dockerHost === undefined ? 'no docker daemon could be started' : undefined,
  ],
];

for (const [name, given, lacking] of cases) {
  engineContract(`${name} as ${who}`, () => given, lacking);
  engineContainment(`${name} as ${who}`, () => given, lacking ?? compiled);
}

describe.skipIf(missing('podman') !== undefined)('podman in the end', () => {
  test('holds no container of ours', () => {
    const names = execFileSync('podman', ['ps', '--all', '--format', '{{.Names}}'], { encoding: 'utf8' });
    expect(names.split('\n').filter((name) => name.includes(processMark() ?? 'unmarked'))).toEqual([]);
  });
});

const user = isRoot ? ordinaryUser() : undefined;
describe.skipIf(!isRoot || user === undefined)('as an ordinary user', () => {
  let home: string;
  beforeAll(() => {
    home = join(root, 'home');
    for (const dir of [home, join(home, 'run')]) mkdirSync(dir, { mode: 0o700 });
    for (const dir of [home, join(home, 'run')]) chownSync(dir, user?.uid ?? 0, user?.gid ?? 0);
  });

  test('every engine passes the same', { timeout: 600_000 }, async () => {
    const vitest = new URL('../../node_modules/vitest/vitest.mjs', import.meta.url).pathname;
    const self = new URL(import.meta.url).pathname;
    const run = spawn(process.execPath, [vitest, 'run', self, '--reporter=dot', '--no-cache'], {
      uid: user?.uid ?? 0,
      gid: user?.gid ?? 0,
      cwd: new URL('../..', import.meta.url).pathname,
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        XDG_RUNTIME_DIR: join(home, 'run'),
        TMPDIR: home,
        SAMESOURCE_TEST_DOCKER: dockerHost,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [code] = (await once(run, 'exit')) as [number];
    expect(code).toBe(0);
  });
});

afterAll(async () => {
  await daemon?.stop();
  // Without root podman keeps a process of its own for the next time.
  if (!isRoot && missing('podman') === undefined) execFileSync('podman', ['system', 'migrate'], { stdio: 'ignore' });
  remove(root);
}, 60_000);

async function liveContext(): Promise<Context> {
  const offline = await context(root, { http: httpClient(process.env) });
  // The machine's own mirror, as the program finds it.
  const mirrors = { ...offline.settings.mirrors, ...(await aptMirrors('/etc/apt')) };
  const plain = { ...offline, settings: { ...offline.settings, mirrors } };
  return {
    ...plain,
    settings: {
      ...plain.settings,
      // Where cgroups are in hybrid mode, crun fails.
      podman: missing('runc') === undefined ? { runtime: 'runc' } : {},
      docker: dockerHost === undefined ? {} : { host: dockerHost },
    },
  };
}

function missing(program: string): string | undefined {
  const dirs = ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/usr/local/bin'];
  return dirs.some((dir) => existsSync(join(dir, program))) ? undefined : `${program} is not installed`;
}

/** The first account with subordinate ids, made if there is none. */
function ordinaryUser(): { uid: number; gid: number } | undefined {
  const find = (): string | undefined => /^([^:]+):/m.exec(read('/etc/subuid'))?.[1];
  if (find() === undefined && missing('useradd') === undefined) {
    execFileSync('useradd', ['--create-home', 'samesource-test']);
  }
  const name = find();
  const line = read('/etc/passwd')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

interface Daemon {
  readonly host: string;
  stop(): Promise<void>;
}

async function startDocker(dir: string): Promise<Daemon | undefined> {
  if (missing('dockerd') !== undefined) return undefined;
  mkdirSync(dir);
  const socket = join(dir, 'docker.sock');
  const args = ['--iptables=false', '--ip-forward=false', '--bridge=none', '-H', `unix://${socket}`];
  const places = ['data-root', 'exec-root', 'pidfile'].map((name) => `--${name}=${join(dir, name)}`);
  const child = spawn('dockerd', [...args, ...places], { stdio: 'ignore' });
  for (let tries = 0; !existsSync(socket) && tries < 300 && child.exitCode === null; tries++) await sleep(100);
  if (!existsSync(socket)) return undefined;
  chmodSync(socket, 0o666);
  return { host: `unix://${socket}`, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
