import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commonEnds, isEqual, unequal } from '../../src/platform/unequal.ts';
import { bufferView, openView, pathView, pieces } from '../../src/platform/view.ts';
import { temporary } from '../source/fixture.ts';

const view = (text: string) => bufferView(Buffer.from(text));

describe('where two views differ', () => {
  test.each([
    ['heather', 'heather', 0, -1],
    ['heather', 'leaTher', 2, 0],
    ['heath', 'heather', 2, 5],
    ['', 'x', 1, 0],
    ['', '', 0, -1],
  ])('%s and %s', async (left, right, bytes, firstOffset) => {
    expect(await unequal(view(left), view(right))).toMatchObject({ bytes, firstOffset });
    expect(isEqual(view(left), view(right))).toBe(bytes === 0);
  });

  test('runs hold every unequal byte once, near ones together', async () => {
    const left = Buffer.alloc(3_000_000, 1);
    const right = Buffer.from(left);
    for (const at of [5, 7, 100, 1_048_575, 1_048_576, 2_999_999]) right[at] = 2;
    const { bytes, runs } = await unequal(bufferView(left), bufferView(right));
    expect(bytes).toBe(6);
    expect(runs).toEqual([
      { at: 5, size: 3, unequal: 2 },
      { at: 100, size: 1, unequal: 1 },
      { at: 1_048_575, size: 2, unequal: 2 },
      { at: 2_999_999, size: 1, unequal: 1 },
    ]);
  });

  test('at any place and of any length, as byte by byte', async () => {
    let seed = 3;
    const next = (below: number): number => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % below;
    for (let round = 0; round < 300; round++) {
      const left = Buffer.alloc(1 + next(90));
      const right = Buffer.from(left);
      for (let flips = next(12); flips > 0; flips--) right[next(right.length)] = 1 + next(255);
      const places = [...right.keys()].filter((at) => right[at] !== 0);
      const { bytes, firstOffset, runs } = await unequal(bufferView(left), bufferView(right));
      expect({ bytes, firstOffset }).toEqual({ bytes: places.length, firstOffset: places[0] ?? -1 });
      const starts = places.filter((at, index) => index === 0 || at - (places[index - 1] ?? 0) > 8);
      expect(runs.map(({ at }) => at)).toEqual(starts);
      for (const run of runs) {
        const inside = places.filter((at) => at >= run.at && at < run.at + run.size);
        expect([run.unequal, run.at + run.size - 1]).toEqual([inside.length, inside.at(-1)]);
      }
    }
  });

  test('too many runs end in one that reaches to the last difference', async () => {
    const left = Buffer.alloc(200_000);
    const right = Buffer.from(left);
    for (let at = 0; at < right.length; at += 20) right[at] = 1;
    const { bytes, runs } = await unequal(bufferView(left), bufferView(right));
    expect(runs).toHaveLength(4096);
    expect(runs.reduce((sum, run) => sum + run.unequal, 0)).toBe(bytes);
    expect((runs.at(-1)?.at ?? 0) + (runs.at(-1)?.size ?? 0)).toBe(199_981);
  });

  test.each([
    ['abcXdef', 'abcYYdef', 3, 3],
    ['aaa', 'aaaa', 3, 0],
    ['', 'abc', 0, 0],
    ['abc', 'xyz', 0, 0],
  ])('the common ends of %s and %s', (left, right, start, end) => {
    expect(commonEnds(view(left), view(right))).toEqual({ start, end });
  });
});

describe('a view of a file', () => {
  const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251));

  test('reads anywhere, small and large, and stays as it was read', () => {
    const path = join(temporary(), 'fen');
    writeFileSync(path, content);
    using file = openView(path);
    const first = file.read(10, 4);
    expect(file.read(200_000, 90_000)).toEqual(content.subarray(200_000, 290_000));
    expect(file.read(299_990, 10)).toEqual(content.subarray(299_990));
    expect(first).toEqual(content.subarray(10, 14));
    expect(Buffer.concat([...pieces(file.slice(5, 250_000), 70_000)])).toEqual(content.subarray(5, 250_005));
    expect(pathView(path, content.length).slice(100, 50).read(10, 20)).toEqual(content.subarray(110, 130));
  });

  test.each([
    [-1, 2],
    [0, 300_001],
    [300_000, 1],
    [0.5, 1],
    [Number.NaN, 1],
    [2 ** 53, 1],
  ])('nothing beyond its ends: %d, %d', (at, length) => {
    const path = join(temporary(), 'fen');
    writeFileSync(path, content);
    using file = openView(path);
    for (const one of [file, file.slice(0, file.size), bufferView(content)]) {
      expect(() => one.read(at, length)).toThrow(RangeError);
      expect(() => one.slice(at, length)).toThrow(RangeError);
    }
  });

  test('a file that shrinks is an error and not an end', () => {
    const path = join(temporary(), 'fen');
    writeFileSync(path, content);
    using file = openView(path);
    writeFileSync(path, 'short');
    expect(() => file.read(100_000, 100_000)).toThrow('shorter');
  });
});
