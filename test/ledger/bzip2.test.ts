import { expect, test } from 'vitest';
import { bzip2 as format } from '../../src/ledger/bzip2.ts';
import { workshopLimits } from '../../src/ledger/workshop.ts';
import { bufferView } from '../../src/platform/view.ts';
import { expectSound, fuzz, listed, refusalOf, unseenChanges } from './mutation.ts';
import { have, madeBy } from './tools.ts';

/** By bzip2 1.0.8: `printf 'plover\nquince\n' | bzip2`, and nothing. */
const simple = Buffer.from('QlpoOTFBWSZTWUir5XgAAATBgAAQCiXzACAAMQNA0CABpo4uSe0BAT4u5IpwoSCRV8rw', 'base64');
const empty = Buffer.from('QlpoORdyRThQkAAAAAA=', 'base64');

test('every field', async () => {
  const read = await expectSound(format, simple);
  expect(listed(read)).toEqual(['magic (structure)', 'block size (structure) 900 kB', 'content (content)']);
  expect(read.contents.get('')?.toString()).toBe('plover\nquince\n');
  expect((await expectSound(format, empty)).contents.get('')?.length).toBe(0);
});

test('recognises by the magic and the first mark', () => {
  expect(format.recognises(bufferView(simple), '')).toBe(true);
  expect(format.recognises(bufferView(Buffer.from('BZh9 is a word in a text')), '')).toBe(false);
});

const end = simple.length;
const last = simple.at(-1) ?? 0;

const hostile: Record<string, readonly [bytes: Buffer, message: string]> = {
  'two streams': [Buffer.concat([simple, simple]), `${end} bytes after the end, at ${end}: another stream`],
  'bytes after the end': [Buffer.concat([simple, Buffer.from('x')]), `1 bytes after the end, at ${end}`],
  'broken off': [simple.subarray(0, -2), 'the stream breaks off'],
  'bits after the end': [Buffer.from(simple).fill(last | 1, end - 1), 'bits after the end'],
  'a wrong sum of a block': [Buffer.from(simple).fill(1, 12, 13), 'a wrong check sum of a block'],
};

test.each(Object.entries(hostile))('refused: %s', async (_, [bytes, message]) => {
  expect(await refusalOf(format, bytes)).toBe(`archive-unsafe: bzip2: ${message}`);
});

test.each(Object.entries({ simple, empty }))(
  'no change goes unseen: %s',
  async (_, bytes) => {
    expect(await unseenChanges(format, bytes, 1)).toEqual([]);
  },
  60_000,
);

test('random bytes in 600 files', async () => {
  expect(await fuzz(format, [simple, empty], 600)).toBeGreaterThan(200);
});

test.skipIf(!have('bzip2')).each([
  ['text', 'seq 400000'],
  [
    'runs of all lengths',
    'awk "BEGIN { for (n = 1; n <= 600; n++) { for (i = 0; i < n; i++) printf \\"z\\"; printf \\"x\\" } }"',
  ],
  ['one byte many times', 'head -c 1000000 /dev/zero'],
  ['chance', 'head -c 1000000 /bin/bash'],
])('files by bzip2, %s (needs bzip2)', async (_, script) => {
  for (const level of [1, 9]) {
    const whole = madeBy(`(${script}) > out`);
    const { contents } = await expectSound(format, madeBy(`(${script}) | bzip2 -${level} > out`));
    expect(contents.get('')?.equals(whole)).toBe(true);
  }
});

test.skipIf(!have('bzip2'))('a bomb is stopped (needs bzip2)', async () => {
  const limits = { ...workshopLimits, ratio: 100, ratioFrom: 1024 ** 2 };
  expect(await refusalOf(format, madeBy('head -c 32M /dev/zero | bzip2 > out'), limits)).toMatch(/^too-large: /);
});
