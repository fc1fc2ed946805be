import { expect, test } from 'vitest';
import { xz as format } from '../../src/ledger/xz.ts';
import { workshopLimits } from '../../src/ledger/workshop.ts';
import { bufferView } from '../../src/platform/view.ts';
import { expectSound, fuzz, listed, refusalOf, unseenChanges } from './mutation.ts';
import { have, madeBy } from './tools.ts';

/** By XZ Utils 5.4.1: `printf 'plover\nquince\n' | xz`, and the same with `--check=crc32`. */
const simple = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQANcGxvdmVyCnF1aW5jZQoAAADAu9T2kx7S6wABJg4IG+AEH7bzfQEAAAAABFla',
  'base64',
);
const checked = Buffer.from(
  '/Td6WFoAAAFpIt42AgAhARYAAAB0L+WjAQANcGxvdmVyCnF1aW5jZQoAAAAlK3J3AAEiDgzejGCQQpkNAQAAAAABWVo=',
  'base64',
);

test('every field', async () => {
  const read = await expectSound(format, simple);
  expect(listed(read)).toEqual([
    'magic (structure)',
    'stream flags (structure) check: crc64',
    'stream header crc (derived)',
    'block header size (structure)',
    'block flags (structure) 0x0',
    'filters (structure) LZMA2, dictionary of 8388608 bytes',
    'block header padding (derived)',
    'block header crc (derived)',
    'content (content)',
    'block padding (derived)',
    'check (derived)',
    'index indicator (structure)',
    'index count (derived) 1',
    'index records (derived)',
    'index crc (derived)',
    'footer crc (derived)',
    'backward size (derived) 8',
    'footer stream flags (derived)',
    'footer magic (structure)',
  ]);
  expect(read.contents.get('')?.toString()).toBe('plover\nquince\n');
});

test('recognises by the magic', () => {
  expect(format.recognises(bufferView(simple), '')).toBe(true);
  expect(format.recognises(bufferView(Buffer.from('\xfd7zXY\0', 'latin1')), '')).toBe(false);
});

const end = simple.length;

const hostile: Record<string, readonly [bytes: Buffer, message: string | RegExp]> = {
  'two streams': [Buffer.concat([simple, simple]), `${end} bytes after the end, at ${end}: another stream`],
  'stream padding': [Buffer.concat([simple, Buffer.alloc(4)]), `4 bytes after the end, at ${end}`],
  'bytes after the end': [Buffer.concat([simple, Buffer.from('x')]), `1 bytes after the end, at ${end}`],
  'broken off in the footer': [simple.subarray(0, -3), 'the stream footer breaks off'],
  'broken off in the block': [simple.subarray(0, 30), /breaks off|no LZMA2 chunk/],
  'a wrong header sum': [Buffer.from(simple).fill(1, 9, 10), 'a stream header with a wrong sum'],
};

test.each(Object.entries(hostile))('refused: %s', async (_, [bytes, message]) => {
  const refusal = (await refusalOf(format, bytes)).replace('archive-unsafe: xz: ', '');
  if (typeof message === 'string') expect(refusal).toBe(message);
  else expect(refusal).toMatch(message);
});

test.each(Object.entries({ simple, checked }))(
  'no change goes unseen: %s',
  async (_, bytes) => {
    expect(await unseenChanges(format, bytes, 1)).toEqual([]);
  },
  60_000,
);

test('random bytes in 300 files', async () => {
  expect(await fuzz(format, [simple, checked], 300)).toBeGreaterThan(100);
});

test
  .skipIf(!have('xz'))
  .each(['-0', '-9e', '--check=none', '--block-size=1000 -T2', '-T2 --block-size=500 --check=crc32'])(
  'a file by xz %s (needs xz)',
  async (options) => {
    const { reading, contents } = await expectSound(format, madeBy(`xz -c ${options} plover/egg > out`));
    expect(contents.get('')?.toString()).toBe('speckled\n'.repeat(300));
    expect(reading.members[0]?.stored === undefined).toBe(options.includes('block-size'));
  },
);

test.skipIf(!have('xz'))('nothing, packed (needs xz)', async () => {
  const { contents } = await expectSound(format, madeBy('xz -c plover/empty > out'));
  expect(contents.get('')?.length).toBe(0);
});

test.skipIf(!have('xz')).each(['--check=sha256', '--x86 --lzma2', '--lzma2=dict=96MiB -M 0'])(
  'not supported: xz %s (needs xz)',
  async (options) => {
    expect(await refusalOf(format, madeBy(`xz -c ${options} plover/egg > out`))).toMatch(/^unsupported: /);
  },
);

test.skipIf(!have('xz'))('a bomb is stopped (needs xz)', async () => {
  const limits = { ...workshopLimits, ratio: 100, ratioFrom: 1024 ** 2 };
  expect(await refusalOf(format, madeBy('head -c 32M /dev/zero | xz -c > out'), limits)).toMatch(/^too-large: /);
});
