/** What the engine tests share: a context on a store of their own, and a small root of host programs. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, chmodSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { execFileSync } from 'node:child_process';
import type { Platform } from '../../src/model/claim.ts';
import { silent } from '../../src/model/progress.ts';
import { noNetwork, type Http } from '../../src/platform/http.ts';
import type { Context } from '../../src/store/context.ts';
import { openStore } from '../../src/store/store.ts';
import type { RunPlan } from '../../src/engine/types.ts';

export const platform: Platform = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64';

/** A directory that an unprivileged uid may walk into, removed by `cleanUp`. */
export function scratch(purpose: string): string {
  const path = mkdtempSync(join(tmpdir(), `samesource-${purpose}-`));
  chmodSync(path, 0o755);
  return path;
}

export async function context(root: string, more: { http?: Http; signal?: AbortSignal } = {}): Promise<Context> {
  return {
    store: await openStore(join(root, 'store')),
    http: more.http ?? noNetwork,
    progress: silent,
    settings: {
      mirrors: { debian: 'http://mirror.invalid/debian' },
      snapshot: 'http://snapshot.invalid',
      keyrings: [],
      engine: 'auto',
      podman: {},
      docker: {},
      insecureRegistries: [],
    },
    signal: more.signal ?? new AbortController().signal,
    now: () => new Date(0),
    base: root,
    env: process.env,
    platform,
  };
}

const programs = [
  'sh',
  'cat',
  'id',
  'sleep',
  'dd',
  'uname',
  'env',
  'ls',
  'stat',
  'head',
  'mkdir',
  'ln',
  'rm',
  'readlink',
  'chown',
];

/** A root of a few of the host's own programs and the libraries that they name. */
export function smallRoot(tree: string): void {
  for (const dir of ['usr/bin', 'etc', 'opt']) mkdirSync(join(tree, dir), { recursive: true });
  for (const name of programs) copyProgram(tree, name);
}

export function copyProgram(tree: string, name: string): void {
  const path = ['/usr/bin', '/bin'].map((dir) => join(dir, name)).find((file) => existsSync(file));
  if (path === undefined) return;
  mkdirSync(join(tree, 'bin'), { recursive: true });
  cpSync(realpathSync(path), join(tree, 'bin', name));
  for (const library of execFileSync('ldd', [path], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)) {
    const from = library[1] ?? '';
    const to = join(tree, from);
    mkdirSync(join(to, '..'), { recursive: true });
    if (!existsSync(to)) cpSync(realpathSync(from), to);
  }
}

export function plan(root: string, tree: string, argv: readonly string[], more: Partial<RunPlan> = {}): RunPlan {
  const host = join(root, `mount-${process.hrtime.bigint()}`);
  mkdirSync(host);
  return {
    tree,
    digest: createHash('sha256').update(tree).digest('hex'),
    platform,
    mount: { host, inside: '/build' },
    cwd: '/build',
    argv,
    env: { PATH: '/bin', LC_ALL: 'C.UTF-8' },
    limits: { seconds: 60, memoryBytes: 512 * 1024 * 1024, processes: 128, diskBytes: 64 * 1024 * 1024 },
    ...more,
  };
}

/** A log that is kept. */
export function keptLog(): { readonly stream: PassThrough; text(): string } {
  const stream = new PassThrough();
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  return { stream, text: () => Buffer.concat(pieces).toString() };
}

export const shell = (script: string): readonly string[] => ['/bin/sh', '-c', script];

export function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** The end of a test's name where it cannot run. */
export function skipped(lacking: string | undefined): string {
  return lacking === undefined ? '' : `, skipped: ${lacking}`;
}
