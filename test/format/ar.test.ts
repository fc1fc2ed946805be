import { expect, test } from 'vitest';
import { readAr, type ArMember } from '../../src/format/ar.ts';
import { SamesourceError } from '../../src/model/error.ts';
import { arMagic as magic, arMember as member } from './ar-fixture.ts';

async function read(text: string): Promise<ArMember[]> {
  const bytes = Buffer.from(text, 'latin1');
  return readAr(bytes.length, async (offset, length) => bytes.subarray(offset, offset + length));
}

test('members with their places', async () => {
  const members = await read(magic + member('debian-binary', '2.0\n') + member('odd/', 'abc') + member('even', 'ab'));
  expect(members).toEqual([
    { name: 'debian-binary', offset: 68, size: 4, mtime: 1_580_000_000, uid: 0, gid: 7, mode: 0o100644 },
    { name: 'odd', offset: 132, size: 3, mtime: 1_580_000_000, uid: 0, gid: 7, mode: 0o100644 },
    { name: 'even', offset: 196, size: 2, mtime: 1_580_000_000, uid: 0, gid: 7, mode: 0o100644 },
  ]);
  expect(await read(magic)).toEqual([]);
});

const good = member('a', 'abc');

test.each([
  ['no magic', `!<arxh>\n${good}`],
  ['nothing', ''],
  ['two members of one name', magic + good + member('a', 'other')],
  ['two members of one name, once with a slash', magic + good + member('a/', 'other')],
  ['a member that breaks off', magic + good.slice(0, -2)],
  ['a header that breaks off', magic + good + good.slice(0, 40)],
  ['a size larger than the file', magic + member('a', 'abc', { 48: '9999999999' })],
  ['a size with a sign', magic + member('a', 'abc', { 48: '-3' })],
  ['a size in another notation', magic + member('a', 'abc', { 48: '0x3' })],
  ['no size', magic + member('a', 'abc', { 48: ' ' })],
  ['bytes in the padding', magic + good.slice(0, -1) + 'x'],
  ['padding that is not there', magic + good.slice(0, -1)],
  ['bytes after the last member', `${magic}${good}x`],
  ['a wrong end of the header', magic + member('a', 'abc', { 58: '``' })],
  ['no name', magic + member('', 'abc')],
  ['a size with text after a space', magic + member('a', 'abc', { 48: '3 4' })],
])('refused: %s', async (_, text) => {
  const code = await read(text).then(
    () => 'no error',
    (error: unknown) => (error instanceof SamesourceError ? error.code : String(error)),
  );
  expect(code).toBe('archive-unsafe');
});
