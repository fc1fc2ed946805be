import { join } from 'node:path';
import { expect, test } from 'vitest';
import { logTail, openLog } from '../../src/build/log.ts';
import { temporary } from '../source/fixture.ts';

test('a log is kept up to its limit, and says that it was cut', async () => {
  const path = join(temporary(), 'log');
  const log = await openLog(path, 100);
  for (let line = 0; line < 50; line++) log.stream.write(`line ${line}\n`);
  const { size } = await log.close();
  expect(size).toBeLessThan(200);
  expect((await logTail(path)).at(-1)).toMatch(/log cut here/);
});

test('the tail is short, whatever the build wrote', async () => {
  const path = join(temporary(), 'log');
  const log = await openLog(path);
  log.stream.write(`${'x'.repeat(1_000_000)}\n\n`);
  for (let line = 0; line < 50; line++) log.stream.write(`line ${line}\n`);
  log.stream.write('y'.repeat(5000));
  await log.close();
  const tail = await logTail(path);
  expect(tail).toHaveLength(12);
  expect(tail[0]).toBe('line 39');
  expect(tail[11]).toHaveLength(400);
});

test('an empty log has no tail', async () => {
  const path = join(temporary(), 'log');
  const log = await openLog(path);
  await log.close();
  expect(await logTail(path)).toEqual([]);
});
