import { expect, test } from 'vitest';
import { ar as format } from '../../src/ledger/ar.ts';
import { bufferView } from '../../src/platform/view.ts';
import { arArchive as archive, arMember as member } from '../format/ar-fixture.ts';
import { expectSound, fuzz, listed, refusalOf, unseenChanges } from './mutation.ts';
import { have, madeBy } from './tools.ts';

const deb = archive(member('debian-binary', '2.0\n'), member('control.tar.xz', 'abc'), member('data.tar.xz', 'xy'));
const gnu = archive(
  member('/', '\0\0\0\x01\0\0\0\x60plover\0'),
  member('//', 'a_name_that_is_long.o/\nanother_that_is_long.o/\n'),
  member('/0', 'one'),
  member('/23', 'two'),
  member('egg.o/', 'first'),
  member('egg.o/', 'second'),
);
const bsd = archive(
  member('#1/20', '__.SYMDEF SORTED\0\0\0\0table'),
  member('#1/8', 'plover.ocontent'),
  member('egg', 'x'),
);

test('recognises by the magic', () => {
  expect(format.recognises(bufferView(archive()), '')).toBe(true);
  expect(format.recognises(bufferView(Buffer.from('!<arxh>\n')), '')).toBe(false);
  expect(format.recognises(bufferView(Buffer.from('!')), '')).toBe(false);
});

test('a Debian package, by the names that causes go by', async () => {
  const read = await expectSound(format, deb);
  expect(listed(read).slice(0, 9)).toEqual([
    'archive magic (structure)',
    'debian-binary: name (structure) debian-binary',
    'debian-binary: mtime (metadata) 2020-01-26T00:53:20Z',
    'debian-binary: uid (metadata) 0',
    'debian-binary: gid (metadata) 7',
    'debian-binary: mode (metadata) 100644',
    'debian-binary: size (derived) 4',
    'debian-binary: end (structure)',
    'debian-binary: content (content)',
  ]);
  expect(read.reading.members.map(({ key }) => key)).toEqual(['debian-binary', 'control.tar.xz', 'data.tar.xz']);
  expect(read.reading.members[0]?.fields).toEqual({ mode: '0644', mtime: '2020-01-26T00:53:20Z', owner: '0:7' });
});

test('a library of GNU: tables, long names, and objects of one name', async () => {
  const { reading, contents } = await expectSound(format, gnu);
  const keys = ['a_name_that_is_long.o', 'another_that_is_long.o', 'egg.o', 'egg.o#2'];
  expect(reading.members.map(({ key }) => key)).toEqual(keys);
  expect(contents.get('egg.o#2')?.toString()).toBe('second');
  expect(reading.regions.map(({ field }) => field)).toContain('symbol table');
});

test('a library of BSD: names before the content', async () => {
  const { reading, contents } = await expectSound(format, bsd);
  expect(reading.members.map(({ key }) => key)).toEqual(['plover.o', 'egg']);
  expect(contents.get('plover.o')?.toString()).toBe('content');
});

test('a name that another’s number would take', async () => {
  const bytes = archive(member('a/', '1'), member('a#2/', '2'), member('a/', '3'), member('a#2/', '4'));
  const { reading } = await expectSound(format, bytes);
  expect(reading.members.map(({ key }) => key)).toEqual(['a', 'a#2', 'a#3', 'a#2#2']);
});

const hostile: Record<string, readonly [bytes: Buffer, message: string]> = {
  'two members of one name in a package': [
    archive(member('debian-binary', '2.0\n'), member('data.tar', 'a'), member('data.tar/', 'b')),
    'two members named data.tar',
  ],
  'bytes after the last member': [Buffer.concat([deb, Buffer.from('x')]), `no member header at ${deb.length}`],
  'bytes in the padding': [
    Buffer.concat([archive(member('egg', 'x')).subarray(0, -1), Buffer.from('y')]),
    'bytes in the padding at 69',
  ],
  'padding that is not there': [archive(member('egg', 'x')).subarray(0, -1), '1 bytes of padding at 69 break off'],
  'a size beyond the end': [archive(member('egg', 'x', { 48: '99' })), 'egg breaks off'],
  'no size': [archive(member('egg', '', { 48: ' ' })), 'a member without a size at 8'],
  'a size with a sign': [archive(member('egg', 'x', { 48: '-1' })), '"-1" where a header needs a number'],
  'a wrong end of a header': [archive(member('egg', 'x', { 58: '``' })), 'no member header at 8'],
  'no name': [archive(member('', 'x')), 'a member without a name at 8'],
  'long names that no member has': [
    archive(member('//', 'hidden_payload.o/\n'), member('egg/', 'x')),
    '18 bytes in the long names that no member has',
  ],
  'a long name from the middle of another': [archive(member('//', 'abc.o/\n'), member('/1', 'x')), 'no long name at 1'],
  'a long name beyond the table': [archive(member('//', 'abc.o/\n'), member('/99', 'x')), 'no long name at 99'],
  'a long name without a table': [archive(member('/0', 'x')), 'no long names for the member at 8'],
  'two tables of names': [archive(member('//', 'a/\n'), member('//', 'b/\n')), 'two of second long names, at 72'],
  'three symbol tables': [
    archive(member('/', 'ab'), member('/', 'cd'), member('/', 'ef')),
    'two of second symbol table, at 132',
  ],
  'a table after a member': [archive(member('egg/', 'xy'), member('/', 'ab')), 'a table at 70, after the first member'],
  'a name longer than its member': [archive(member('#1/9', 'short')), 'a name of 9 bytes at 8'],
  'bytes after a name': [archive(member('#1/8', 'a\0b\0\0\0\0\0content')), 'bytes after a long name'],
};

test.each(Object.entries(hostile))('refused: %s', async (_, [bytes, message]) => {
  expect(await refusalOf(format, bytes)).toBe(`archive-unsafe: ar: ${message}`);
});

test('not supported: thin archives', async () => {
  expect(await refusalOf(format, Buffer.from('!<thin>\n'))).toMatch(/^unsupported: /);
});

test.each(Object.entries({ deb, gnu, bsd }))(
  'no change goes unseen: %s',
  async (_, bytes) => {
    expect(await unseenChanges(format, bytes, 3)).toEqual([]);
  },
  60_000,
);

test('random bytes in 600 archives', async () => {
  expect(await fuzz(format, [deb, gnu, bsd], 600)).toBeGreaterThan(200);
});

const objects = {
  'plover.c': 'int plover(void) { return 1; }\n',
  'a_name_that_is_long.c': 'int quince(void) { return 2; }\n',
};

test.skipIf(!have('ar', 'gcc')).each(['rcs', 'rcsU', 'rcD'])(
  'a library by ar %s (needs binutils, gcc)',
  async (flags) => {
    const bytes = madeBy(`gcc -c *.c; ar ${flags} out *.o; ar qc out plover.o`, objects);
    const { reading } = await expectSound(format, bytes);
    expect(reading.members.map(({ key }) => key)).toEqual(['a_name_that_is_long.o', 'plover.o', 'plover.o#2']);
  },
);

test.skipIf(!have('llvm-ar', 'gcc')).each(['gnu', 'bsd', 'darwin'])(
  'a library by llvm-ar --format=%s (needs llvm, gcc)',
  async (kind) => {
    const { reading } = await expectSound(format, madeBy(`gcc -c *.c; llvm-ar --format=${kind} rcs out *.o`, objects));
    expect(reading.members.map(({ key }) => key)).toEqual(['a_name_that_is_long.o', 'plover.o']);
  },
);

test.skipIf(!have('dpkg-deb'))('a package by dpkg-deb (needs dpkg)', async () => {
  const control =
    'Package: plover\nVersion: 1\nArchitecture: all\nMaintainer: Quill <quill@example.org>\nDescription: egg\n';
  const bytes = madeBy('mkdir plover/DEBIAN; mv control plover/DEBIAN; dpkg-deb -b plover out', { control });
  const { reading } = await expectSound(format, bytes);
  expect(reading.members.map(({ key }) => key.replace(/\.\w+$/, ''))).toEqual([
    'debian-binary',
    'control.tar',
    'data.tar',
  ]);
});
