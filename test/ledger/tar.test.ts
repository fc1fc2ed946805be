import { expect, test } from 'vitest';
import { tar as format } from '../../src/ledger/tar.ts';
import { bufferView } from '../../src/platform/view.ts';
import { pax, sealed, tar, tarEntry } from '../format/tar-fixture.ts';
import { expectSound, fuzz, listed, refusalOf, unseenChanges } from './mutation.ts';
import { have, madeBy } from './tools.ts';

const long = `${'deep/'.repeat(30)}leaf-${'x'.repeat(60)}`;

const paxed = tar(
  pax([['comment', '3c1f0000000000000000000000000000000000aa']], 'g'),
  pax([
    ['path', 'plover/ä nest'],
    ['mtime', '1580000001.750'],
    ['SCHILY.xattr.user.a: b', 'x'],
    ['size', '3'],
  ]),
  { path: 'short', content: 'abc', mode: 0o755 },
);
const gnu = tar(
  tarEntry({ path: '././@LongLink', flag: 'L', content: `${long}\0`, magic: 'ustar  \0' }),
  tarEntry({ path: '././@LongLink', flag: 'K', content: `${long}-target\0`, magic: 'ustar  \0' }),
  { path: 'short', flag: '2', link: 'cut', magic: 'ustar  \0' },
);
const plain = tar(
  { path: './', flag: '5', mode: 0o755 },
  { path: './plover/', flag: '5', mode: 0o755 },
  { path: './plover/egg', content: 'speckled', mode: 0o4755 },
  { path: './plover/hard', flag: '1', link: './plover/egg' },
  { path: 'quince', prefix: 'some/prefix', content: 'x'.repeat(513) },
);

test('recognises by the check sum, not by the magic', () => {
  expect(format.recognises(bufferView(gnu), '')).toBe(true);
  expect(format.recognises(bufferView(Buffer.from(plain).fill('9', 1, 2)), '')).toBe(false);
  expect(format.recognises(bufferView(Buffer.alloc(10_240)), '')).toBe(false);
  expect(format.recognises(bufferView(Buffer.from('short')), '')).toBe(false);
});

test('fields of a header, by the names that causes go by', async () => {
  const { regions, reading } = await expectSound(format, plain);
  const egg = regions
    .filter(({ member }) => member === 'plover/egg')
    .map(({ field, class: kind }) => `${field} ${kind}`);
  expect(egg).toEqual([
    'name structure',
    'mode metadata',
    'uid metadata',
    'gid metadata',
    'size derived',
    'size end structure',
    'mtime metadata',
    'chksum derived',
    'chksum end structure',
    'type structure',
    'link structure',
    'magic structure',
    'uname metadata',
    'gname metadata',
    'devmajor structure',
    'devminor structure',
    'prefix structure',
    'unused padding',
    'content content',
    'content padding derived',
  ]);
  expect(reading.members.map(({ key, type }) => `${type} ${key}`)).toEqual([
    'directory .',
    'directory plover',
    'file plover/egg',
    'hardlink plover/hard',
    'file some/prefix/quince',
  ]);
  expect(reading.members[2]?.fields).toEqual({
    mode: '4755',
    mtime: '2020-01-26T00:53:20Z',
    owner: '1000:1000',
    names: 'quill:quill',
  });
  expect(reading.members[3]?.fields['link']).toBe('./plover/egg');
});

test('pax records are regions of their entry', async () => {
  const read = await expectSound(format, paxed);
  const shown = listed(read).filter((line) => / pax |^global pax [a-z]+ \(/.test(line) && !/header/.test(line));
  expect(shown).toEqual([
    'global pax comment (metadata) 3c1f0000000000000000000000000000000000aa',
    'global pax padding (derived)',
    'plover/ä nest: pax path (structure) plover/ä nest',
    'plover/ä nest: pax mtime (metadata) 1580000001.750',
    'plover/ä nest: pax SCHILY.xattr.user.a%3A%20b (metadata) x',
    'plover/ä nest: pax size (derived) 3',
    'plover/ä nest: pax padding (derived)',
  ]);
  expect(listed(read)).toContain('plover/ä nest: pax header name (metadata) PaxHeader');
  expect(read.reading.members[0]?.fields).toMatchObject({ mtime: '2020-01-26T00:53:21.75Z', mode: '0755' });
});

test('long names of GNU', async () => {
  const read = await expectSound(format, gnu);
  expect(read.reading.members[0]).toMatchObject({ key: long, type: 'symlink', fields: { link: `${long}-target` } });
  expect(read.reading.regions.map(({ field }) => field)).toEqual([
    'long name header',
    'long name',
    'long name padding',
    'long link header',
    'long link',
    'long link padding',
    'header',
    'end of archive',
  ]);
});

const header = (change: (bytes: Buffer) => void): Buffer => {
  const bytes = tarEntry({ path: 'plover', content: 'abc' });
  change(bytes);
  return tar(sealed(bytes));
};

test('numbers in base 256, and negative times', async () => {
  const { reading } = await expectSound(
    format,
    header((bytes) => bytes.fill(0xff, 136, 148)),
  );
  expect(reading.members[0]?.fields['mtime']).toBe('1969-12-31T23:59:59Z');
});

test('names that are not UTF-8 are spelled in percent', async () => {
  const { reading } = await expectSound(
    format,
    header((bytes) => bytes.write('pl%\xe9', 0, 'latin1')),
  );
  expect(reading.members[0]?.key).toBe('pl%25%e9er');
});

test('a size or check sum in another spelling follows from nothing', async () => {
  const { regions } = await expectSound(
    format,
    header((bytes) => bytes.write('          3 ', 124)),
  );
  expect(regions.find(({ field }) => field === 'size')?.class).toBe('metadata');
});

test('how a number ends is up to the writer', async () => {
  const { regions } = await expectSound(
    format,
    header((bytes) => bytes.write('00000000003 ', 124)),
  );
  const found = regions.filter(({ field }) => field.startsWith('size'));
  expect(found.map(({ field, size, class: kind }) => [field, size, kind])).toEqual([
    ['size', 11, 'derived'],
    ['size end', 1, 'structure'],
  ]);
});

const hostile: Record<string, readonly [bytes: Buffer, message: string]> = {
  'two sizes (CVE-2025-62518)': [
    tar(pax([['size', '1536']]), { path: 'f', content: '' }, { path: 'inner', content: 'x' }),
    'f: two sizes, 0 and 1536',
  ],
  'two entries of one name': [tar({ path: 'f' }, { path: './f' }), 'two entries named ./f'],
  'an absolute name beside a relative one': [tar({ path: 'f' }, { path: '/f' }), 'two entries named /f'],
  'bytes in the padding': [
    tar(tarEntry({ path: 'f', content: 'abc' }).fill('z', 600, 601)),
    'bytes in the padding at 600',
  ],
  'bytes in the header': [header((bytes) => bytes.write('z', 505)), 'bytes after the unused of the header at 0'],
  'bytes after a name': [header((bytes) => bytes.write('z', 90)), 'bytes after the name of the header at 0'],
  'times of an incremental archive': [
    tar(sealed(tarEntry({ path: 'f', magic: 'ustar  \0', prefix: '13600000000' }))),
    'bytes after the unused of the header at 0',
  ],
  'an entry after the end': [
    Buffer.concat([tar({ path: 'f' }), tar({ path: 'g' })]),
    'bytes after the end of the archive at 512',
  ],
  'bytes after the end': [Buffer.concat([tar({ path: 'f' }), Buffer.from('tail')]), '4 bytes after the last block'],
  'no end mark': [tarEntry({ path: 'f', content: 'abc' }), 'the archive has no end mark'],
  'broken off in content': [tarEntry({ path: 'f', content: 'x'.repeat(600) }).subarray(0, 1024), 'f breaks off'],
  'a malformed pax record (astral-tokio-tar)': [
    tar({ path: 'p', flag: 'x', content: '99 path=a\n' }, { path: 'f' }),
    'a malformed pax header',
  ],
  'a pax length in another notation': [
    tar({ path: 'p', flag: 'x', content: '0x9 path=a\n' }, { path: 'f' }),
    'a malformed pax header',
  ],
  'a pax key given twice': [
    tar(
      pax([
        ['path', 'a'],
        ['path', 'b'],
      ]),
      { path: 'f' },
    ),
    'pax key path given twice',
  ],
  'a payload in a pax time': [
    tar(pax([['mtime', `1.${'7'.repeat(3000)}`]]), { path: 'f' }),
    'a pax mtime of 3002 characters',
  ],
  'a payload in a pax owner': [
    tar(pax([['uname', 'x'.repeat(3000)]]), { path: 'f' }),
    'a pax uname of 3000 characters',
  ],
  'a global path': [tar(pax([['path', 'g']], 'g'), { path: 'f' }), 'a global pax path at 0'],
  'a global size': [tar(pax([['size', '3']], 'g'), { path: 'f', content: 'abc' }), 'a global pax size at 0'],
  'a record that takes another region’s name': [tar(pax([['padding', 'x']]), { path: 'f' }), 'a pax key "padding"'],
  'two empty extended headers': [
    tar(tarEntry({ path: 'p', flag: 'x' }), tarEntry({ path: 'p', flag: 'x' }), { path: 'f' }),
    'two extended headers at 512',
  ],
  'an extended header for nothing': [tar(tarEntry({ path: 'p', flag: 'x' })), 'the archive breaks off at 512'],
  'a hard link with content': [tar({ path: 'l', flag: '1', link: 'x', content: 'y' }), 'l: a hardlink with content'],
  'a name beyond any length': [tar(pax([['path', 'x'.repeat(5000)]]), { path: 'f' }), 'a name of 5000 characters'],
  'a magic of its own': [tar({ path: 'f', magic: 'ustar\u000012' }), 'a header of an unknown kind at 0'],
};

test.each(Object.entries(hostile))('refused: %s', async (_, [bytes, message]) => {
  expect(await refusalOf(format, bytes)).toBe(`archive-unsafe: tar: ${message}`);
});

test('not supported: sparse files', async () => {
  const sparse = tar(pax([['GNU.sparse.major', '1']]), { path: 'f', content: 'x' });
  expect(await refusalOf(format, sparse)).toMatch(/^unsupported: /);
  expect(await refusalOf(format, tar({ path: 'f', flag: 'S' }))).toMatch(/^unsupported: /);
});

test.each(Object.entries({ plain, paxed, gnu }))(
  'no change goes unseen: %s',
  async (_, bytes) => {
    expect(await unseenChanges(format, bytes)).toEqual([]);
  },
  60_000,
);

test('random bytes in 600 archives', async () => {
  expect(await fuzz(format, [plain, paxed, gnu], 600)).toBeGreaterThan(200);
});

test.skipIf(!have('tar')).each(['v7', 'ustar', 'gnu', 'posix'])(
  'an archive by tar --format=%s (needs tar)',
  async (kind) => {
    const bytes = madeBy(`tar --format=${kind} -cf out plover`);
    const { reading } = await expectSound(format, bytes);
    const keys = ['plover', 'plover/egg', 'plover/empty', 'plover/nest', 'plover/nest/link', 'plover/nest/twig'];
    expect(reading.members.map(({ key }) => key).toSorted()).toEqual([...keys, 'plover/same-egg'].toSorted());
  },
);

test.skipIf(!have('tar'))('long and foreign names by tar (needs tar)', async () => {
  for (const kind of ['gnu', 'posix']) {
    const name = `${'n'.repeat(150)}ß`;
    const bytes = madeBy(`ln -s ${'t'.repeat(160)} link; tar --format=${kind} -cf out *`, { [name]: 'content' });
    const { reading } = await expectSound(format, bytes);
    expect(reading.members.map(({ key }) => key)).toContain(name);
    expect(reading.members.find(({ key }) => key === 'link')?.fields['link']).toBe('t'.repeat(160));
  }
});

test.skipIf(!have('python3'))('an archive by Python (needs python3)', async () => {
  const script = 'import tarfile; out = tarfile.open("out", "w"); out.add("plover"); out.close()';
  const { reading } = await expectSound(format, madeBy(`python3 -c '${script}'`));
  expect(reading.members.length).toBe(7);
});
