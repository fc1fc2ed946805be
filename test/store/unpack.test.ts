import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SamesourceError } from '../../src/model/error.ts';
import { cleanPath, hostileArchive, unpacker, type UnpackEntry, type UnpackRules } from '../../src/store/unpack.ts';
import { temporary } from '../source/fixture.ts';

const layered: UnpackRules = { ...hostileArchive, parents: 'resolve', replace: true };

interface Given extends Partial<UnpackEntry> {
  readonly path: string;
  readonly content?: string;
}

function unpack(root: string, rules: UnpackRules, entries: readonly Given[]): void {
  const into = unpacker(root, rules);
  for (const { content = '', ...entry } of entries) {
    const sink = into.entry({
      type: 'file',
      mode: 0o644,
      mtime: 1_500_000_000,
      link: '',
      size: content.length,
      ...entry,
    });
    sink?.write(Buffer.from(content));
    sink?.end();
  }
  into.finish();
}

function codeOf(act: () => void): string {
  try {
    act();
  } catch (error) {
    return error instanceof SamesourceError ? error.code : String(error);
  }
  return 'no error';
}

function root(): { base: string; dir: string } {
  const base = temporary();
  const dir = join(base, 'root');
  mkdirSync(dir);
  return { base, dir };
}

test('modes are masked, times kept, of directories too', () => {
  const { dir } = root();
  unpack(dir, hostileArchive, [
    { path: 'd/', type: 'directory', mode: 0o1777 },
    { path: 'd/f', content: 'x', mode: 0o6777 },
    { path: 'd/l', type: 'symlink', link: '/nowhere/at/all' },
    { path: 'd/none', content: 'x', mode: 0 },
  ]);
  expect(lstatSync(join(dir, 'd/f')).mode & 0o7777).toBe(0o755);
  expect(lstatSync(join(dir, 'd')).mode & 0o7777).toBe(0o755);
  expect(lstatSync(join(dir, 'd/none')).mode & 0o7777).toBe(0o400);
  for (const path of ['d', 'd/f', 'd/l']) expect(lstatSync(join(dir, path)).mtimeMs).toBe(1_500_000_000_000);
});

test.each([
  ['..', '../x'],
  ['.. inside', 'a/../../x'],
  ['an absolute path', '/x'],
  ['a zero byte', 'a\0b'],
  ['the root as a file', '.'],
])('refused by every rule: %s', (_, path) => {
  const { base, dir } = root();
  for (const rules of [hostileArchive, layered]) {
    expect(codeOf(() => unpack(dir, rules, [{ path, content: 'x' }]))).toBe('archive-unsafe');
  }
  expect(existsSync(join(base, 'x'))).toBe(false);
});

test('a link as parent is refused in a source, and followed inside the root in a layer', () => {
  const entries: Given[] = [
    { path: 'out', type: 'symlink', link: '/target' },
    { path: 'up', type: 'symlink', link: '../../../../target' },
    { path: 'out/a', content: 'a' },
    { path: 'up/b', content: 'b' },
  ];
  const refused = root();
  expect(codeOf(() => unpack(refused.dir, hostileArchive, entries))).toBe('archive-unsafe');
  const { base, dir } = root();
  unpack(dir, layered, entries);
  expect(readFileSync(join(dir, 'target/a'), 'utf8')).toBe('a');
  expect(readFileSync(join(dir, 'target/b'), 'utf8')).toBe('b');
  expect(existsSync(join(base, 'target'))).toBe(false);
});

test('links that go round in a circle', () => {
  const { dir } = root();
  const entries: Given[] = [
    { path: 'a', type: 'symlink', link: 'b' },
    { path: 'b', type: 'symlink', link: 'a' },
    { path: 'a/x', content: 'x' },
  ];
  expect(codeOf(() => unpack(dir, layered, entries))).toBe('archive-unsafe');
});

test('a later layer replaces a file or link, never through it', () => {
  const { base, dir } = root();
  writeFileSync(join(base, 'victim'), 'safe');
  unpack(dir, layered, [
    { path: 'f', type: 'symlink', link: '../victim' },
    { path: 'f', content: 'new' },
    { path: 'g', content: 'old' },
    { path: 'g', type: 'symlink', link: 'f' },
  ]);
  expect(readFileSync(join(base, 'victim'), 'utf8')).toBe('safe');
  expect(readFileSync(join(dir, 'f'), 'utf8')).toBe('new');
  expect(readlinkSync(join(dir, 'g'))).toBe('f');
});

test('a directory that a layer replaces by a link is not written through any more', () => {
  const { dir } = root();
  unpack(dir, layered, [
    { path: 'd/a', content: 'a' },
    { path: 'e/', type: 'directory' },
  ]);
  expect(codeOf(() => unpack(dir, layered, [{ path: 'd', type: 'symlink', link: 'e' }]))).toBe('archive-unsafe');
  expect(codeOf(() => unpack(dir, layered, [{ path: 'd', content: 'x' }]))).toBe('archive-unsafe');
});

test('a hard link names a file inside, and only a file', () => {
  const { base, dir } = root();
  writeFileSync(join(base, 'victim'), 'secret');
  symlinkSync(join(base, 'victim'), join(dir, 'planted'));
  for (const link of ['../victim', '/etc/passwd', 'planted', 'missing', '', 'd']) {
    const entries: Given[] = [
      { path: 'd/', type: 'directory' },
      { path: 'h', type: 'hardlink', link },
    ];
    for (const rules of [hostileArchive, layered])
      expect(codeOf(() => unpack(dir, rules, entries))).toBe('archive-unsafe');
  }
});

test('limits on entries and bytes are checked before anything is written', () => {
  const { dir } = root();
  const small = { ...hostileArchive, maxEntries: 2, maxBytes: 10 };
  expect(codeOf(() => unpack(dir, small, [{ path: 'big', size: 11 }]))).toBe('archive-unsafe');
  expect(existsSync(join(dir, 'big'))).toBe(false);
  expect(
    codeOf(() =>
      unpack(
        dir,
        small,
        ['a', 'b', 'c'].map((path) => ({ path })),
      ),
    ),
  ).toBe('archive-unsafe');
  expect(existsSync(join(dir, 'c'))).toBe(false);
});

test('names are cleaned the way tar means them', () => {
  expect(cleanPath('./usr//bin/./x/')).toBe('usr/bin/x');
  expect(cleanPath('./')).toBe('');
  expect(cleanPath('..x/...')).toBe('..x/...');
});

function rename(path: string): string | undefined {
  return path === 'skip' ? undefined : `usr/${path}`;
}

test('a renamed entry goes where the rule says, or nowhere', () => {
  const { dir } = root();
  unpack(dir, { ...layered, rename }, [
    { path: 'bin/a', content: 'a' },
    { path: 'skip', content: 'x' },
    { path: 'b', type: 'hardlink', link: 'bin/a' },
  ]);
  expect(readFileSync(join(dir, 'usr/b'), 'utf8')).toBe('a');
  expect(existsSync(join(dir, 'skip'))).toBe(false);
});
