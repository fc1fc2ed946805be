import { crc32, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { gzip as format } from '../../src/ledger/gzip.ts';
import { workshopLimits } from '../../src/ledger/workshop.ts';
import { bufferView } from '../../src/platform/view.ts';
import { expectSound, fuzz, listed, refusalOf, unseenChanges } from './mutation.ts';
import { have, madeBy } from './tools.ts';

const simple = gzipSync('a plover and a quince\n'.repeat(20));

/** With every part that a header may have. */
function full(extra = Buffer.from('SS\x02\0xy', 'latin1')): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16LE(extra.length);
  const header = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 0x1f, 0x00, 0xe3, 0x2c, 0x5e, 2, 3]),
    length,
    extra,
    Buffer.from('pl\xf6ver\0a comment\0', 'latin1'),
  ]);
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(crc32(header) & 0xffff);
  return Buffer.concat([header, sum, simple.subarray(10)]);
}

test('every field of the header', async () => {
  const read = await expectSound(format, full());
  expect(listed(read)).toEqual([
    'magic (structure)',
    'method (structure) deflate',
    'flags (structure) 31',
    'mtime (metadata) 2020-01-26T00:53:20Z',
    'compression flags (metadata) slowest',
    'os (metadata) Unix',
    'extra (metadata)',
    'name (metadata) pl%f6ver',
    'comment (metadata) a comment',
    'header crc (derived)',
    'content (content)',
    'crc32 (derived)',
    'size (derived) 440',
  ]);
  expect(read.reading.members[0]).toMatchObject({ key: '', type: 'file', size: 440, plain: false });
  expect(read.contents.get('')?.toString()).toMatch(/^a plover/);
});

test('recognises by magic and method', () => {
  expect(format.recognises(bufferView(simple), '')).toBe(true);
  expect(format.recognises(bufferView(simple.subarray(0, 9)), '')).toBe(false);
  expect(format.recognises(bufferView(Buffer.from(simple).fill(7, 2, 3)), '')).toBe(false);
});

const end = simple.length;
const bad = (at: number): Buffer =>
  Buffer.from(simple).fill((simple.at(at) ?? 0) ^ 1, end + at, end + at + 1 || undefined);

const hostile: Record<string, readonly [bytes: Buffer, message: string]> = {
  'two members': [Buffer.concat([simple, simple]), `${end} bytes after the end, at ${end}: another member`],
  'zero bytes after the end': [Buffer.concat([simple, Buffer.alloc(37)]), `37 bytes after the end, at ${end}`],
  'zero bytes and more after the end': [
    Buffer.concat([simple, Buffer.alloc(512), Buffer.from('payload')]),
    `519 bytes after the end, at ${end}`,
  ],
  'one byte after the end': [Buffer.concat([simple, Buffer.from('x')]), `1 bytes after the end, at ${end}`],
  'a wrong check sum': [bad(-8), 'a wrong check sum'],
  'a wrong size': [bad(-4), 'a wrong size'],
  'a reserved flag': [Buffer.from(simple).fill(0x20, 3, 4), 'reserved flags are set: 32'],
  'a wrong header sum': [full().fill(4, 8, 9), 'a header with a wrong check sum'],
  'broken off in the stream': [simple.subarray(0, -20), 'unexpected end of file'],
  'broken off in the header': [full().subarray(0, 20), 'a name without an end'],
  'nothing but a header': [simple.subarray(0, 10), 'the file breaks off'],
  'an extra field that breaks off': [full(Buffer.from('SS\x09\0xy', 'latin1')), 'an extra field that breaks off'],
};

test.each(Object.entries(hostile))('refused: %s', async (_, [bytes, message]) => {
  expect(await refusalOf(format, bytes)).toBe(`archive-unsafe: gzip: ${message}`);
});

test('not supported: bgzip', async () => {
  expect(await refusalOf(format, full(Buffer.from('BC\x02\0xy', 'latin1')))).toMatch(/^unsupported: .*bgzip/);
});

test('a bomb is stopped', async () => {
  const bomb = gzipSync(Buffer.alloc(32 * 1024 ** 2));
  const limits = { ...workshopLimits, ratio: 100, ratioFrom: 1024 ** 2 };
  expect(await refusalOf(format, bomb, limits)).toMatch(/^too-large: /);
});

test.each([simple, full()])(
  'no change goes unseen',
  async (bytes) => {
    expect(await unseenChanges(format, bytes, 1)).toEqual([]);
  },
  60_000,
);

test('random bytes in 300 files', async () => {
  expect(await fuzz(format, [simple, full()], 300)).toBeGreaterThan(100);
});

test.skipIf(!have('gzip'))('a file by gzip (needs gzip)', async () => {
  const { reading } = await expectSound(format, madeBy('gzip -9 egg; mv egg.gz out', { egg: 'speckled' }));
  expect(reading.members[0]?.fields).toMatchObject({ name: 'egg' });
  await expectSound(format, madeBy('gzip -1nc plover/egg > out'));
  await expectSound(format, madeBy('gzip < /dev/null > out'));
});

test.skipIf(!have('python3'))('a file by Python (needs python3)', async () => {
  await expectSound(format, madeBy(`python3 -c 'import gzip; gzip.open("out", "w").write(b"plover")'`));
});

test('content of several megabytes', async () => {
  const content = Buffer.from(Array.from({ length: 6 * 1024 ** 2 }, (_, index) => (index * index) >>> 7));
  const { contents } = await expectSound(format, gzipSync(content));
  expect(contents.get('')?.equals(content)).toBe(true);
});
