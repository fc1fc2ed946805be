import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { markIsAlive, processMark } from '../../src/platform/process.ts';

test('this process is alive', () => {
  expect(markIsAlive(processMark() ?? '')).toBe('alive');
});

test('a killed process that its parent has not asked for is dead', async () => {
  // The shell becomes a sleep that never asks for the child which the shell had started.
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const child = Number(line.toString());
  const mark = processMark(child) ?? '';
  expect(markIsAlive(mark)).toBe('alive');
  process.kill(child, 'SIGKILL');
  await expect.poll(() => readFileSync(`/proc/${child}/stat`, 'utf8')).toMatch(/\) Z /);
  expect(markIsAlive(mark)).toBe('dead');
});
