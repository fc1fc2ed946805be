import { expect, test } from 'vitest';
import { zstd as format } from '../../src/ledger/zstd.ts';
import { workshopLimits } from '../../src/ledger/workshop.ts';
import { bufferView } from '../../src/platform/view.ts';
import { expectSound, fuzz, listed, refusalOf, unseenChanges } from './mutation.ts';
import { have, madeBy } from './tools.ts';

/** By zstd 1.5.4: `yes plover | head -n 30 | zstd`, and the same from a file with `--no-check`. */
const simple = Buffer.from('KLUv/QRYdQAAOHBsb3ZlcgoBAEhRxQiwQtA9', 'base64');
const unchecked = Buffer.from('KLUv/SDSdQAAOHBsb3ZlcgoBAEhRxQg=', 'base64');

test('every field', async () => {
  const read = await expectSound(format, simple);
  expect(listed(read)).toEqual([
    'magic (structure)',
    'frame descriptor (structure) 0x04',
    'window descriptor (structure) 2097152 bytes',
    'content (content)',
    'checksum (derived)',
  ]);
  expect(read.contents.get('')?.toString()).toBe('plover\n'.repeat(30));
  expect(listed(await expectSound(format, unchecked))).toContain('content size (derived) 210');
});

test('recognises by the magic', () => {
  expect(format.recognises(bufferView(simple), '')).toBe(true);
  expect(format.recognises(bufferView(Buffer.from('502a4d1800000000', 'hex')), '')).toBe(false);
});

const end = simple.length;
const skipped = Buffer.from('502a4d1803000000616263', 'hex');

const hostile: Record<string, readonly [bytes: Buffer, message: string]> = {
  'two frames': [Buffer.concat([simple, simple]), `${end} bytes after the end, at ${end}: another frame`],
  'a frame to be skipped': [
    Buffer.concat([simple, skipped]),
    `11 bytes after the end, at ${end}: a frame to be skipped`,
  ],
  'bytes after the end': [Buffer.concat([simple, Buffer.from('x')]), `1 bytes after the end, at ${end}`],
  'broken off in the check sum': [simple.subarray(0, -1), 'the frame breaks off'],
  'broken off in a block': [simple.subarray(0, 12), 'the frame breaks off'],
  'broken off in the header': [simple.subarray(0, 5), 'the frame header breaks off'],
  'a reserved flag': [Buffer.from(simple).fill(0x0c, 4, 5), 'reserved flags are set'],
  'a smaller size, which a decoder would cut the content to': [Buffer.from(unchecked).fill(45, 5, 6), 'a wrong size'],
  'a wrong check sum': [Buffer.from(simple).fill(0, end - 1), 'a wrong check sum'],
  'a reserved block': [Buffer.from(simple).fill(0xff, 6, 7), 'a block of a reserved type at 6'],
};

test.each(Object.entries(hostile))('refused: %s', async (_, [bytes, message]) => {
  expect(await refusalOf(format, bytes)).toBe(`archive-unsafe: zstd: ${message}`);
});

test.each([
  ['a dictionary', Buffer.from(simple).fill(5, 4, 5)],
  ['a window of terabytes', Buffer.from(simple).fill(0xff, 5, 6)],
])('not supported: %s', async (_, bytes) => {
  expect(await refusalOf(format, bytes)).toMatch(/^unsupported: /);
});

test.each(Object.entries({ simple, unchecked }))(
  'no change goes unseen: %s',
  async (_, bytes) => {
    expect(await unseenChanges(format, bytes, 1)).toEqual([]);
  },
  60_000,
);

test('random bytes in 600 files', async () => {
  expect(await fuzz(format, [simple, unchecked], 600)).toBeGreaterThan(200);
});

test.skipIf(!have('zstd')).each(['-1', '-19', '--ultra -22', '-T2', '--no-check', '--format=zstd --long=24'])(
  'a file by zstd %s (needs zstd)',
  async (options) => {
    const { contents } = await expectSound(format, madeBy(`zstd -qc ${options} plover/egg > out`));
    expect(contents.get('')?.toString()).toBe('speckled\n'.repeat(300));
  },
);

test.skipIf(!have('zstd'))('nothing, and several megabytes (needs zstd)', async () => {
  expect((await expectSound(format, madeBy('zstd -qc plover/empty > out'))).contents.get('')?.length).toBe(0);
  const { contents } = await expectSound(format, madeBy('seq 1000000 | zstd -qc > out'));
  expect(contents.get('')?.length).toBe(6_888_896);
});

test.skipIf(!have('zstd'))('a bomb is stopped (needs zstd)', async () => {
  const limits = { ...workshopLimits, ratio: 100, ratioFrom: 1024 ** 2 };
  expect(await refusalOf(format, madeBy('head -c 32M /dev/zero | zstd -qc > out'), limits)).toMatch(/^too-large: /);
});

test.skipIf(!have('pzstd'))('refused: many frames, by pzstd (needs zstd)', async () => {
  const bytes = madeBy('seq 3000000 > in; pzstd -q -p 2 -c in > out');
  const frame = bytes.subarray(bytes.indexOf(Buffer.from('28b52ffd', 'hex')));
  expect(await refusalOf(format, frame)).toMatch(/^archive-unsafe: zstd: \d+ bytes after the end/);
});
