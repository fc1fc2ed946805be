/** Pairs with known causes, every byte of every format changed, and many damaged files. */
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/model/comparison.ts';
import { temporary } from '../source/fixture.ts';

const here = import.meta.dirname;
const program = resolve(here, '../../bin/samesource.js');
const maker = resolve(here, '../../fixtures/pairs/make.js');

async function node(...args: readonly string[]): Promise<{ readonly exit: number; readonly stdout: string }> {
  const options = { maxBuffer: 2 ** 28, encoding: 'utf8' } as const;
  return promisify(execFile)(process.execPath, args, options).then(
    ({ stdout }) => ({ exit: 0, stdout }),
    (error: { readonly code: number; readonly stdout: string; readonly stderr: string }) => {
      if (typeof error.code !== 'number' || error.stderr !== '') throw new Error(error.stderr, { cause: error });
      return { exit: error.code, stdout: error.stdout };
    },
  );
}

interface Made {
  readonly name: string;
  readonly released: string;
  readonly rebuilt: string;
  readonly causes: readonly string[];
  readonly outcome: string;
  readonly missing?: readonly string[];
  readonly short?: string;
}

describe('pairs with known causes', () => {
  test('each names its causes, the worst first', { timeout: 600_000 }, async () => {
    const { stdout } = await node(maker, temporary(), '--small');
    const made = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Made);
    expect(made.length).toBeGreaterThan(30);
    const missing = made.filter((pair) => pair.missing !== undefined);
    expect(missing.map(({ name, missing: programs }) => [name, programs])).toEqual([]);
    const wrong: unknown[] = [];
    for (const pair of made) {
      const { exit, stdout: text } = await node(program, 'compare', pair.released, pair.rebuilt, '--json');
      const found = JSON.parse(text) as Comparison;
      const kinds = (found.difference?.causes ?? []).map(({ kind }) => kind as string);
      const named = kinds[0] === pair.causes[0] && pair.causes.every((kind) => kinds.includes(kind));
      const expected = pair.outcome === 'different' ? 1 : 0;
      if ((!named && pair.short === undefined) || found.outcome !== pair.outcome || exit !== expected) {
        wrong.push({ name: pair.name, causes: pair.causes, kinds, outcome: found.outcome, exit });
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('changes', () => {
  test('no flipped, added or lost byte of any format leaves a match', { timeout: 600_000 }, async () => {
    const { stdout } = await node(resolve(here, 'mutate.js'), temporary());
    const { formats, failures } = JSON.parse(stdout) as { formats: object; failures: readonly unknown[] };
    expect(failures).toEqual([]);
    expect(Object.keys(formats).length).toBeGreaterThan(15);
  });

  test.each([1, 2])(
    '5,000 damaged files (seed %i) end in an outcome that cmp agrees with, soon, in little memory',
    { timeout: 900_000 },
    async (seed) => {
      const dir = join(temporary(), 'fuzz');
      mkdirSync(dir);
      const { stdout } = await node(resolve(here, 'fuzz.js'), String(seed), '5000', dir);
      const { done, failures, peakMb } = JSON.parse(stdout) as {
        done: number;
        failures: readonly unknown[];
        peakMb: number;
      };
      expect(failures.slice(0, 5)).toEqual([]);
      expect(done).toBe(5000);
      expect(peakMb).toBeLessThan(500);
    },
  );
});
