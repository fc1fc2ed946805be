/** The built program as a user starts it: a process of its own, its exit code and its JSON. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Verdict } from '../../src/model/verdict.ts';

const program = fileURLToPath(new URL('../../bin/samesource.js', import.meta.url));
export const fixtures = fileURLToPath(new URL('../../fixtures/claims', import.meta.url));

export const isRoot = process.getuid?.() === 0;

export interface Start {
  readonly store: string;
  readonly cwd?: string;
  /** Instead of our own environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** A program that starts ours, with its arguments: `unshare --net`. */
  readonly within?: readonly string[];
}

export interface Finished {
  readonly code: number | null;
  /** What stdout held; `undefined` if it was not JSON. */
  readonly json: unknown;
  readonly stderr: string;
  readonly seconds: number;
}

/** Runs `samesource --json` with these words. */
export async function samesource(words: readonly string[], start: Start): Promise<Finished> {
  const argv = [...(start.within ?? []), process.execPath, program, ...words, '--json', '--store', start.store];
  const [file = '', ...args] = argv;
  const began = performance.now();
  const child = spawn(file, args, {
    cwd: start.cwd ?? start.store,
    env: start.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...start.user,
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return {
    code,
    json: parse(Buffer.concat(out).toString()),
    stderr: Buffer.concat(err).toString(),
    seconds: (performance.now() - began) / 1000,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface Verified extends Omit<Finished, 'json'> {
  readonly verdict: Verdict;
}

/** @throws Error if what it printed is no verdict */
export async function verify(words: readonly string[], start: Start): Promise<Verified> {
  const { json, ...rest } = await samesource(['verify', ...words], start);
  if (isVerdict(json)) return { ...rest, verdict: json };
  throw new Error(`samesource verify ${words.join(' ')}: exit code ${rest.code}, no verdict\n${rest.stderr}`);
}

function isVerdict(json: unknown): json is Verdict {
  return typeof json === 'object' && json !== null && 'verdict' in json;
}

/** What a verdict says of each artifact. */
export function outcomes({ verdict }: Verified): Record<string, string> {
  return Object.fromEntries(verdict.artifacts.map(({ name, outcome }) => [name, outcome]));
}

/** A directory that every user may walk into, with room for roots and builds. */
export function spacious(purpose: string): string {
  const path = mkdtempSync(join('/var/tmp', `samesource-${purpose}-`));
  chmodSync(path, 0o755);
  return path;
}

export function removeTree(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}

/** Digests of all files that the store holds. */
export function blobs(store: string): string[] {
  const dir = join(store, 'blobs');
  return existsSync(dir) ? readdirSync(dir, { recursive: true, encoding: 'utf8' }).toSorted() : [];
}

/** Command lines of running processes that hold a mark. */
export function processesWith(mark: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => commandLine(pid))
    .filter((line) => line.includes(mark));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Two builds at once keep a small machine busy; more only make each of them slow. */
export const turn = inTurns(2);

function inTurns(places: number): <T>(act: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = places;
  return async (act) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await act();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
