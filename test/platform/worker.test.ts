import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mapOnThreads } from '../../src/platform/worker.ts';

const dir = fileURLToPath(new URL('../../dist/test-workers/', import.meta.url));

beforeAll(() => {
  mkdirSync(dir, { recursive: true });
  const serve = (body: string): string =>
    `import { serve } from '../platform/worker.js';\nimport { SamesourceError } from '../model/error.js';\nserve(async (job) => { ${body} });\n`;
  writeFileSync(`${dir}double.js`, serve('return job * 2;'));
  writeFileSync(`${dir}refuse.js`, serve("throw new SamesourceError('archive-unsafe', `job ${job}`);"));
  writeFileSync(`${dir}vanish.js`, serve('process.exit(0);'));
});
afterAll(() => rmSync(dir, { recursive: true }));

test('every job is done once, on several threads', async () => {
  const done: number[] = [];
  await mapOnThreads<number, number>('test-workers/double.js', [1, 2, 3, 4, 5], (result) => void done.push(result), 2);
  expect(done.toSorted((a, b) => a - b)).toEqual([2, 4, 6, 8, 10]);
});

test('an error keeps its code across threads', async () => {
  await expect(mapOnThreads('test-workers/refuse.js', [7, 8], () => {}, 2)).rejects.toMatchObject({
    code: 'archive-unsafe',
  });
});

test('a thread that vanishes is an error, not a wait without end', async () => {
  await expect(mapOnThreads('test-workers/vanish.js', [1], () => {})).rejects.toThrow('ended early');
});

test('an error waits until every thread is at rest: half a result must not outlive its directory', async () => {
  let busy = 0;
  const slow = async (): Promise<void> => {
    busy += 1;
    await new Promise((resolve) => setTimeout(resolve, 200));
    busy -= 1;
  };
  const failing = mapOnThreads<number, number>('test-workers/double.js', [1, 2], (result) => {
    if (result === 2) throw new Error('no');
    return slow();
  });
  await expect(failing).rejects.toThrow('no');
  expect(busy).toBe(0);
});
