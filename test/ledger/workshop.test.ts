import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openWorkshop, workshopLimits } from '../../src/ledger/workshop.ts';
import { temporary } from '../source/fixture.ts';

async function* zeros(pieces: number, size: number): AsyncGenerator<Uint8Array> {
  for (let count = 0; count < pieces; count++) yield Buffer.alloc(size);
}

test('what is given up while it is written is too large, and nothing else goes wrong later', async () => {
  const failures: unknown[] = [];
  const note = (error: unknown): number => failures.push(error);
  process.on('uncaughtException', note);
  try {
    const limits = { ...workshopLimits, bytes: 64 * 1024 ** 2 };
    using workshop = openWorkshop(async () => temporary(), { now: () => performance.now(), limits });
    await expect(workshop.keep(zeros(1000, 900_000), 100)).rejects.toMatchObject({ code: 'too-large' });
    await setTimeout(100);
  } finally {
    process.off('uncaughtException', note);
  }
  expect(failures).toEqual([]);
});

test('keeps large things whole', async () => {
  using workshop = openWorkshop(async () => temporary(), { now: () => performance.now() });
  const view = await workshop.keep(zeros(12, 900_000), 12_000_000);
  expect(view.size).toBe(10_800_000);
});
