import { describe, expect, test } from 'vitest';
import { detailed } from '../../src/ledger/cover.ts';
import { elf } from '../../src/ledger/elf.ts';
import type { Reading } from '../../src/ledger/types.ts';
import { SamesourceError } from '../../src/model/error.ts';
import { bufferView } from '../../src/platform/view.ts';
import { sampleElf } from './elf-sample.ts';

const workshop = { keep: () => Promise.reject(new Error('nothing is kept')), count: () => undefined };

function read(bytes: Buffer): Reading {
  return elf.read(bufferView(bytes), workshop, 'plover') as Reading;
}

/** Regions with their bytes: what a comparison sees. */
function told(bytes: Buffer): string {
  const regions = detailed(read(bytes));
  return regions
    .map((one) => `${one.name} ${one.class} ${bytes.toString('hex', one.at, one.at + one.size)}`)
    .join('\n');
}

describe('elf', () => {
  test.each([
    { bits: 64, little: true },
    { bits: 64, little: false },
    { bits: 32, little: true },
    { bits: 32, little: false },
  ] as const)('is covered whole: $bits bits, little $little', (shape) => {
    const bytes = sampleElf(shape);
    const { regions, facts } = read(bytes);
    expect(regions.reduce((sum, { size }) => sum + size, 0)).toBe(bytes.length);
    expect(regions.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['ELF header', 'program headers', '.text', '.rodata', '.comment', 'section headers']),
    );
    expect(facts).toMatchObject({ type: 'program', machine: 'x86-64', compiler: 'GCC: (Orchard) 9.8.7' });
  });

  test('bytes after the end are an overlay, and those between sections have no name', () => {
    const bytes = sampleElf();
    const gap = bytes.indexOf('c3', 0, 'hex') + 1;
    bytes[gap] = 7;
    const { regions } = read(Buffer.concat([bytes, Buffer.from('quince')]));
    expect(regions.find(({ class: kind }) => kind === 'overlay')).toMatchObject({ size: 6 });
    expect(regions.find(({ class: kind }) => kind === 'opaque')?.name).toBe('bytes between .text and .rodata');
  });

  test('every flipped byte shows, or the file is refused', () => {
    const whole = sampleElf();
    const before = told(whole);
    for (let at = 4; at < whole.length; at++) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 0xff;
      expect(
        outcome(() => told(flipped)),
        `byte ${at}`,
      ).not.toBe(before);
    }
  });

  test('500 damaged files are read or refused, and soon', () => {
    const whole = sampleElf();
    const random = randomNumbers(20_257);
    const start = performance.now();
    for (let round = 0; round < 500; round++) {
      const bytes = Buffer.from(whole.subarray(0, round % 5 === 0 ? 16 + (random() % whole.length) : whole.length));
      for (let times = 1 + (random() % 8); times > 0; times--)
        bytes[4 + (random() % (bytes.length - 4))] = random() & 0xff;
      outcome(() => told(bytes));
    }
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});

/** What was said, or that it was refused; any other error fails the test. */
function outcome(action: () => string): string {
  try {
    return action();
  } catch (error) {
    if (error instanceof SamesourceError) return error.code;
    throw error;
  }
}

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff) >> 3;
}
