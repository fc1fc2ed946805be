/** What the tests of sources share: a store of their own, and repositories made by real git. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { gitId, type GitId } from '../../src/model/digest.ts';
import { SamesourceError } from '../../src/model/error.ts';
import { exec } from '../../src/platform/exec.ts';
import { which } from '../../src/platform/files.ts';
import { httpClient, noNetwork } from '../../src/platform/http.ts';
import type { Context } from '../../src/store/context.ts';
import { openStore } from '../../src/store/store.ts';

export const hasGit = (await which('git', process.env['PATH'])) !== undefined;
export const hasSshKeygen = (await which('ssh-keygen', process.env['PATH'])) !== undefined;

export function temporary(): string {
  const dir = mkdtempSync(join(tmpdir(), 'samesource-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export interface TestContext extends Context {
  readonly notes: string[];
}

export async function contextIn(base: string, options: { readonly offline?: boolean } = {}): Promise<TestContext> {
  const notes: string[] = [];
  return {
    store: await openStore(join(base, 'store')),
    http: options.offline === true ? noNetwork : httpClient({}),
    progress: { step: (text) => void notes.push(text), update: () => {}, note: (text) => void notes.push(text) },
    settings: {
      mirrors: {},
      snapshot: '',
      keyrings: [],
      engine: 'auto',
      podman: {},
      docker: {},
      insecureRegistries: [],
    },
    signal: new AbortController().signal,
    now: () => new Date('2026-06-01T00:00:00Z'),
    base,
    env: { PATH: process.env['PATH'] },
    platform: 'linux/amd64',
    notes,
  };
}

export type Tree = Readonly<Record<string, string | { readonly link: string } | { readonly run: string }>>;

export function writeTree(dir: string, tree: Tree): void {
  for (const [path, content] of Object.entries(tree)) {
    const host = join(dir, path);
    mkdirSync(dirname(host), { recursive: true });
    if (typeof content === 'string') writeFileSync(host, content);
    else if ('link' in content) symlinkSync(content.link, host);
    else {
      writeFileSync(host, content.run);
      chmodSync(host, 0o755);
    }
  }
}

export interface Repository {
  readonly dir: string;
  git(...args: readonly string[]): Promise<string>;
  /** Commits everything in the work tree. */
  commit(message: string, ...args: readonly string[]): Promise<GitId>;
}

/** 2021-03-04T05:06:07Z. */
export const commitTime = 1614834367;

export async function makeRepository(dir: string, tree: Tree, format = 'sha1'): Promise<Repository> {
  mkdirSync(dir, { recursive: true });
  const date = `${commitTime} +0200`;
  const git = async (...args: readonly string[]): Promise<string> => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: dir,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
    };
    const who = ['-c', 'user.name=Ada Quill', '-c', 'user.email=ada@quill.example', '-c', 'protocol.file.allow=always'];
    const end = await exec({ file: 'git', args: [...who, ...args], cwd: dir, env });
    if (end.exitCode !== 0) throw new Error(`git ${args.join(' ')}: ${end.stderr}`);
    return end.stdout.trim();
  };
  await git('init', '--quiet', '--initial-branch=trunk', `--object-format=${format}`);
  writeTree(dir, tree);
  const commit = async (message: string, ...args: readonly string[]): Promise<GitId> => {
    await git('add', '--all', '--force', '.');
    await git('commit', '--quiet', '--allow-empty', ...args, '-m', message);
    return gitId(await git('rev-parse', 'HEAD'));
  };
  return { dir, git, commit };
}

/** The code of the error that a promise ends in. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof SamesourceError) return error.code;
    throw error;
  }
  return 'no error';
}
