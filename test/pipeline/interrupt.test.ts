/** Killed at any point, run twice at once: the built program, as a user starts it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeLock } from '../../src/claim/lock-file.ts';
import { writeClaim } from '../../src/claim/write.ts';
import { loadClaim } from '../../src/claim/load.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { lockClaim } from '../../src/pipeline/lock.ts';
import { remove, skipped } from '../engine/support.ts';
import { lacking, openBench, type Bench } from './fixture.ts';

const program = fileURLToPath(new URL('../../bin/samesource.js', import.meta.url));

const patient = { timeout: 60_000 };

describe.skipIf(lacking !== undefined)(`interrupted and shared${skipped(lacking)}`, () => {
  let bench: Bench;
  /** Distinguishes the processes of this test's builds from all others. */
  const seconds = `1.${process.pid}`;
  beforeAll(async () => {
    bench = await openBench();
    const claim = bench.claim(`sleep ${seconds}; echo "a $(cat fruit.txt)" > out.txt`, { 'out.txt': 'a quince\n' });
    const path = join(bench.base, 'samesource.yaml');
    writeFileSync(path, writeClaim(claim));
    await writeLock(path, await lockClaim(await loadClaim(path), bench.ctx));
  });
  afterAll(() => remove(bench.base));

  test.each([200, 700, 1500, 2500])('kill -9 after %i ms, then the same verdict', patient, async (ms) => {
    const store = join(bench.base, `store-${ms}`);
    const killed = start(bench, store);
    await new Promise((resolve) => setTimeout(resolve, ms));
    killed.child.kill('SIGKILL');
    await killed.ended;
    const { code, verdict } = await start(bench, store).ended;
    expect(code).toBe(0);
    expect(verdict?.outcome).toBe('identical');
    expect(readdirSync(join(store, 'tmp'))).toEqual([]);
    expect(buildsStillRunning(seconds)).toEqual([]);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(store);
  });

  test('an interrupt ends with 130 and leaves nothing behind', patient, async () => {
    const store = join(bench.base, 'store-interrupt');
    const running = start(bench, store);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    expect(readdirSync(join(store, 'tmp'))).toEqual([]);
    expect(buildsStillRunning(seconds)).toEqual([]);
  });

  test('two at once share a store', patient, async () => {
    const store = join(bench.base, 'store-shared');
    const both = await Promise.all([start(bench, store).ended, start(bench, store).ended]);
    expect(both.map(({ code, verdict }) => [code, verdict?.outcome])).toEqual([
      [0, 'identical'],
      [0, 'identical'],
    ]);
    expect(readdirSync(join(store, 'tmp'))).toEqual([]);
  });
});

interface Ended {
  readonly code: number | null;
  readonly verdict: Verdict | undefined;
}

function start(bench: Bench, store: string): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const args = [program, '--json', '--offline', '--engine', 'bubblewrap', '--store', store, 'verify', bench.base];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise<Ended>((resolve) => {
    let said = '';
    child.stdout?.on('data', (piece: Buffer) => (said += piece.toString()));
    child.on('close', (code) => resolve({ code, verdict: said === '' ? undefined : (JSON.parse(said) as Verdict) }));
  });
  return { child, ended };
}

/** Processes of a killed build: they must be gone with it, or when the next run begins. */
function buildsStillRunning(mark: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return command[0]?.endsWith('sleep') === true && command[1] === mark;
      } catch {
        return false;
      }
    });
}
