import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, Parser } from 'tar';
import { expect, onTestFinished, test } from 'vitest';
import { readTar, tarEnd, tarHeader, tarPadding, type TarEntry } from '../../src/format/tar.ts';
import { SamesourceError } from '../../src/model/error.ts';
import { pax, sealed, tar, tarEntry } from './tar-fixture.ts';

type Read = TarEntry & { text: string };

async function read(bytes: Buffer, step = bytes.length): Promise<Read[]> {
  const found: Read[] = [];
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += step) chunks.push(bytes.subarray(at, at + step));
  await readTar(chunks, (entry) => {
    const pieces: Uint8Array[] = [];
    const index = found.push({ ...entry, text: '' }) - 1;
    return {
      write: (piece) => void pieces.push(Buffer.from(piece)),
      end: () => void (found[index] = { ...entry, text: Buffer.concat(pieces).toString() }),
    };
  });
  return found;
}

/** The same archive as the `tar` package reads it. */
async function secondReading(bytes: Buffer): Promise<{ path: string; size: number; type: string; link: string }[]> {
  const found: { path: string; size: number; type: string; link: string }[] = [];
  return new Promise((resolve, reject) => {
    const parser = new Parser({
      strict: true,
      onReadEntry: (entry) => {
        found.push({ path: entry.path, size: entry.size, type: entry.type, link: entry.linkpath ?? '' });
        entry.resume();
      },
    });
    parser.on('end', () => resolve(found));
    parser.on('error', reject);
    parser.end(bytes);
  });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof SamesourceError ? error.code : String(error)),
  );
}

const long = `${'deep/'.repeat(30)}leaf-with-a-long-name-${'x'.repeat(60)}`;

const sound: Record<string, Buffer> = {
  ustar: tar(
    { path: 'd/', flag: '5', mode: 0o755 },
    { path: 'd/f', content: 'hello', mode: 0o4755 },
    { path: 'd/s', flag: '2', link: '../elsewhere' },
    { path: 'd/h', flag: '1', link: 'd/f' },
    { path: 'g', prefix: 'some/prefix', content: 'x'.repeat(513) },
  ),
  'pax names and sizes': tar(
    pax([
      ['path', long],
      ['mtime', '1580000001.75'],
      ['size', '3'],
    ]),
    { path: 'short', content: 'abc' },
  ),
  'pax global header': tar(pax([['comment', 'a'.repeat(40)]], 'g'), { path: 'f', content: 'x' }),
  'GNU long names': tar(
    tarEntry({ path: '././@LongLink', flag: 'L', content: `${long}\0` }),
    tarEntry({ path: '././@LongLink', flag: 'K', content: `${long}-target\0` }),
    { path: 'short', flag: '2', link: 'cut', magic: 'ustar  \0' },
  ),
  'a directory marked by its slash only': tar({ path: 'old/', flag: '0', magic: '\0'.repeat(8) }),
  'more zero blocks than needed': Buffer.concat([tar({ path: 'f', content: 'x' }), Buffer.alloc(8192)]),
};

test.each(Object.entries(sound))('%s: read as the tar package reads it, in pieces of any size', async (_, bytes) => {
  const whole = await read(bytes);
  for (const step of [1, 7, 511, 512, 513, 4096]) expect(await read(bytes, step)).toEqual(whole);
  const second = await secondReading(bytes);
  expect(whole.map(({ path, link }) => ({ path, link }))).toEqual(second.map(({ path, link }) => ({ path, link })));
  const files = whole.filter(({ type }) => type === 'file').map(({ size, text }) => [size, text.length]);
  expect(files.every(([size, length]) => size === length)).toBe(true);
});

test('fields of an entry', async () => {
  const [, file, symlink, hardlink] = await read(sound['ustar'] ?? Buffer.alloc(0));
  expect(file).toMatchObject({
    type: 'file',
    mode: 0o4755,
    uid: 1000,
    mtime: 1_580_000_000,
    uname: 'quill',
    text: 'hello',
  });
  expect(symlink).toMatchObject({ type: 'symlink', link: '../elsewhere' });
  expect(hardlink).toMatchObject({ type: 'hardlink', link: 'd/f', size: 0 });
});

test('numbers in base 256, and negative times', async () => {
  const bytes = tarEntry({ path: 'f', content: 'abc' });
  bytes.fill(0, 124, 136);
  bytes[124] = 0x80;
  bytes[135] = 3;
  bytes.fill(0xff, 136, 148);
  const [entry] = await read(tar(sealed(bytes)));
  expect(entry).toMatchObject({ size: 3, mtime: -1, text: 'abc' });
});

const header = (change: (header: Buffer) => void): Buffer => {
  const bytes = tarEntry({ path: 'f', content: 'abc' });
  change(bytes);
  return tar(sealed(bytes));
};

const hostile: Record<string, Buffer> = {
  'two sizes (RUSTSEC-2025-0111)': tar(
    pax([['size', '1536']]),
    { path: 'f', content: '' },
    { path: 'inner', content: 'x' },
  ),
  'two sizes, the pax one smaller': tar(pax([['size', '0']]), { path: 'f', content: tarEntry({ path: 'hidden' }) }),
  'a pax size in another notation': tar(pax([['size', '0x3']]), { path: 'f', content: 'abc' }),
  'a pax size with a plus': tar(pax([['size', '+3']]), { path: 'f', content: 'abc' }),
  'a pax size with a fraction': tar(pax([['size', '3.0']]), { path: 'f', content: 'abc' }),
  'a pax size with spaces': tar(pax([['size', ' 3']]), { path: 'f', content: 'abc' }),
  'a negative pax size': tar(pax([['size', '-3']]), { path: 'f', content: '' }),
  'a global size': tar(pax([['size', '0']], 'g'), { path: 'f', content: 'abc' }),
  'a zero byte in a pax path': tar(pax([['path', 'x\0y']]), { path: 'f' }),
  'a pax key given twice': tar(
    pax([
      ['path', 'a'],
      ['path', 'b'],
    ]),
    { path: 'f' },
  ),
  'a pax record longer than its header': tar({ path: 'p', flag: 'x', content: '99 path=a\n' }, { path: 'f' }),
  'a pax record without an end': tar({ path: 'p', flag: 'x', content: '9 path=ab' }, { path: 'f' }),
  'a pax length of zero': tar({ path: 'p', flag: 'x', content: '0 path=a\n' }, { path: 'f' }),
  'a pax length with a sign': tar({ path: 'p', flag: 'x', content: '+10 path=a\n' }, { path: 'f' }),
  'two pax headers for one entry': tar(pax([['path', 'a']]), pax([['mtime', '1']]), { path: 'f' }),
  'two long names for one entry': tar(
    tarEntry({ path: 'l', flag: 'L', content: 'a\0' }),
    tarEntry({ path: 'l', flag: 'L', content: 'b\0' }),
    {
      path: 'f',
    },
  ),
  'a pax and a GNU name for one entry': tar(pax([['path', 'a']]), tarEntry({ path: 'l', flag: 'L', content: 'b\0' }), {
    path: 'f',
  }),
  'a wrong check sum': Buffer.concat([tarEntry({ path: 'f' }).fill('9', 0, 1), Buffer.alloc(1024)]),
  'an unknown type': tar({ path: 'f', flag: 'S' }),
  'letters where a size belongs': header((bytes) => bytes.write('0000000000x', 124)),
  'a size beyond reason': header((bytes) => bytes.fill(0xff, 125, 136).fill(0x80, 124, 125)),
  'a directory with content': tar({ path: 'd/', flag: '5', content: 'x' }),
  'a symbolic link with content': tar({ path: 'l', flag: '2', link: 'x', content: tarEntry({ path: 'hidden' }) }),
  'a hard link with content': tar({ path: 'l', flag: '1', link: 'x', content: tarEntry({ path: 'hidden' }) }),
  'bytes in the padding': Buffer.concat([
    tarEntry({ path: 'f', content: 'abc' }).fill('z', 600, 601),
    Buffer.alloc(1024),
  ]),
  'an entry after the end': Buffer.concat([tar({ path: 'f' }), tar({ path: 'g' })]),
  'bytes after the end': Buffer.concat([tar({ path: 'f' }), Buffer.from('trailing')]),
  'no end mark': tarEntry({ path: 'f', content: 'abc' }),
  'broken off in a header': tarEntry({ path: 'f' }).subarray(0, 300),
  'broken off in content': tarEntry({ path: 'f', content: 'x'.repeat(600) }).subarray(0, 900),
  'a pax header for nothing': tar(pax([['path', 'a']])),
  'no bytes at all': Buffer.alloc(0),
  'an empty name': tar({ path: '', content: 'x' }),
};

test.each(Object.entries(hostile))('refused: %s', async (_, bytes) => {
  expect(await codeOf(read(bytes))).toBe('archive-unsafe');
  expect(await codeOf(read(bytes, 100))).toBe('archive-unsafe');
});

const strange: Record<string, Buffer> = {
  'a GNU sparse file': tar(
    pax([
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.name', 'real'],
    ]),
    { path: 'f', content: 'x' },
  ),
  'a name that is not UTF-8': header((bytes) => bytes.write('a\xe9', 0, 'latin1')),
};

test.each(Object.entries(strange))('not supported: %s', async (_, bytes) => {
  expect(await codeOf(read(bytes))).toBe('unsupported');
});

test('an empty archive', async () => {
  expect(await read(tar())).toEqual([]);
});

test('an archive by the tar package', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'samesource-tar-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'ein ß'), 'one\n');
  writeFileSync(join(dir, 'n'.repeat(180)), 'two\n');
  symlinkSync('ein ß', join(dir, 'link'));
  const chunks: Buffer[] = [];
  for await (const chunk of create({ cwd: dir, portable: true }, ['.'])) chunks.push(Buffer.from(chunk as Uint8Array));
  const found = await read(Buffer.concat(chunks));
  expect(found.map(({ path }) => path).toSorted()).toEqual(
    ['./', './ein ß', './link', `./${'n'.repeat(180)}`].toSorted(),
  );
});

test('what is written is read back, by both readers', async () => {
  const base = { mode: 0o644, uid: 0, gid: 0, uname: 'root', gname: 'root', mtime: 1_234_567_890, link: '', size: 0 };
  const entries: TarEntry[] = [
    { ...base, path: 'd/', type: 'directory', mode: 0o755 },
    { ...base, path: long, type: 'file', size: 5 },
    { ...base, path: 'ü/ß', type: 'symlink', link: long },
    { ...base, path: 'h', type: 'hardlink', link: 'ü/ß' },
    { ...base, path: 'x', type: 'file', size: 5, mode: 0o4755, uid: 3_000_000, gid: 3_000_000 },
  ];
  const bytes = Buffer.concat([
    ...entries.flatMap((entry) => [
      tarHeader(entry),
      ...(entry.size > 0 ? [Buffer.from('12345'), tarPadding(entry.size)] : []),
    ]),
    tarEnd,
  ]);
  const found = await read(bytes);
  expect(found).toMatchObject(entries);
  const second = await secondReading(bytes);
  expect(second.map(({ path, link }) => [path, link])).toEqual(entries.map(({ path, link }) => [path, link]));
});
