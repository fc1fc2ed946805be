import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { png } from '../../src/ledger/png.ts';
import { sqlite } from '../../src/ledger/sqlite.ts';
import { expectSound, fuzz, listed, refusalOf, unseenChanges } from './mutation.ts';
import { have, madeBy } from './tools.ts';

function chunk(type: string, content: Buffer): Buffer {
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  const body = Buffer.concat([Buffer.from(type), content]);
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function pngSample(): Buffer {
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', Buffer.from('00000001000000010800000000', 'hex')),
    chunk('tIME', Buffer.from('07e4011a003514', 'hex')),
    chunk('tEXt', Buffer.from('Software\0plover')),
    chunk('IDAT', Buffer.from('first')),
    chunk('IDAT', Buffer.from('second')),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('the ledger of a PNG image', () => {
  test('names chunks', async () => {
    const lines = listed(await expectSound(png, pngSample()));
    expect(lines).toContain('tIME: image time (metadata) 2020-01-26T00:53:20Z');
    expect(lines).toContain('tEXt: image text (metadata) Software: plover');
    expect(lines).toContain('IDAT: content (2) (content)');
  });

  test('refuses bytes behind the end, and a checksum that does not fit', async () => {
    expect(await refusalOf(png, Buffer.concat([pngSample(), Buffer.from('x')]))).toMatch(/1 bytes after the end/);
    const bytes = pngSample();
    bytes[bytes.indexOf('first')] = 0x46;
    expect(await refusalOf(png, bytes)).toMatch(/the checksum of the chunk IDAT/);
  });

  test('shows every change, and survives broken files', { timeout: 120_000 }, async () => {
    expect(await unseenChanges(png, pngSample())).toEqual([]);
    expect(await fuzz(png, [pngSample()], 300)).toBeGreaterThan(20);
  });
});

function sqliteSample(): Buffer {
  const bytes = Buffer.alloc(1024);
  bytes.write('SQLite format 3\0');
  bytes.writeUInt16BE(512, 16);
  for (const [at, value] of [
    [24, 7],
    [28, 2],
    [92, 7],
    [96, 3_041_000],
  ] as const)
    bytes.writeUInt32BE(value, at);
  bytes.write('rows of plover', 600);
  return bytes;
}

describe('the ledger of an SQLite database', () => {
  test('names the fields of its head', async () => {
    const lines = listed(await expectSound(sqlite, sqliteSample()));
    expect(lines).toContain('change counter (metadata) 7');
    expect(lines).toContain('page count (derived) 2');
    expect(lines).toContain('sqlite version (metadata) 3.41.0');
  });

  test.each([
    ['half a page', sqliteSample().subarray(0, 1000)],
    ['more pages than it says', Buffer.concat([sqliteSample(), Buffer.alloc(512)])],
  ])('refuses %s', async (_, bytes) => {
    expect(await refusalOf(sqlite, bytes)).toMatch(/^archive-unsafe: sqlite: /);
  });

  test('shows every change, and survives broken files', { timeout: 120_000 }, async () => {
    expect(await unseenChanges(sqlite, sqliteSample())).toEqual([]);
    expect(await fuzz(sqlite, [sqliteSample()], 300)).toBeGreaterThan(20);
  });

  test.skipIf(!have('sqlite3'))('covers what SQLite writes (needs sqlite3)', async () => {
    const read = await expectSound(
      sqlite,
      madeBy('sqlite3 out "create table plover (egg); insert into plover values (3)"'),
    );
    expect(read.reading.facts['pages']).toBe('2');
  });
});
