/** Small whole files of every format, made in code or by what the machine has. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ar, deb, gzip, tar, tree, zip } from '../../fixtures/pairs/files.js';
import { has, plover, run } from '../../fixtures/pairs/programs.js';

const work = mkdtempSync(join(tmpdir(), 'samesource-corpus-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

const files = tree(4);
const script = Buffer.from('#!/bin/sh\necho plover\n');
const json = Buffer.from(JSON.stringify({ stem: [1, 2, { leaf: 'x' }], root: 'sorrel', id: 'a1b2' }, undefined, 2));

/** @type {{ name: string, bytes: Buffer }[]} */
export const corpus = [
  { name: 'tar', bytes: tar(files) },
  { name: 'tar.gz', bytes: gzip(tar(files)) },
  { name: 'zip', bytes: zip(files) },
  {
    name: 'jar',
    bytes: zip([{ path: 'META-INF/MANIFEST.MF', body: Buffer.from('Manifest-Version: 1.0\r\n\r\n') }, ...files]),
  },
  {
    name: 'deb',
    bytes: deb({
      files: [{ path: './usr/bin/plover', body: script, mode: 0o755 }],
      digests: `${'0'.repeat(32)}  usr/bin/plover\n`,
    }),
  },
  { name: 'a', bytes: ar(files.map(({ body }, index) => ({ name: `m${index}.o/`, body }))) },
  { name: 'text', bytes: files[0]?.body ?? script },
  { name: 'json', bytes: json },
  { name: 'png', bytes: png() },
  { name: 'noise', bytes: Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * index * 31) % 256)) },
  ...made(['gcc'], 'elf', () => plover(work, { flags: ['-Os', '-g'] })),
  ...made(['gcc'], 'elf stripped', () => plover(work, { flags: ['-Os'], strip: true })),
  ...made(['x86_64-w64-mingw32-gcc'], 'pe', () =>
    file('fen.exe', 'fen.c', 'int reed(void) { return 3; }\n', [
      'x86_64-w64-mingw32-gcc',
      '-s',
      '-nostdlib',
      '-Wl,-e,reed',
      'fen.c',
      '-o',
      'fen.exe',
    ]),
  ),
  ...made(['javac'], 'class', () =>
    file('Fen.class', 'Fen.java', 'class Fen { int reed(int a) { return a * 3; } }\n', ['javac', 'Fen.java']),
  ),
  ...made(['python3'], 'pyc', () =>
    file('fen.pyc', 'fen.py', 'def reed(a):\n    return a * 3\n', [
      'python3',
      '-c',
      'import py_compile; py_compile.compile("fen.py", "fen.pyc")',
    ]),
  ),
  ...made(['python3'], 'sqlite', () =>
    file('fen.db', 'fen.sql', '', [
      'python3',
      '-c',
      'import sqlite3; c = sqlite3.connect("fen.db"); c.execute("create table reed(a, b)"); c.execute("insert into reed values(1, \'x\')"); c.commit()',
    ]),
  ),
  ...['xz', 'zstd', 'bzip2'].flatMap((tool) =>
    made([tool], tool, () => {
      writeFileSync(join(work, 'in.tar'), tar(files));
      run('sh', ['-c', `${tool} -c in.tar > in.packed`], { cwd: work });
      return readFileSync(join(work, 'in.packed'));
    }),
  ),
];

/** What a file may lie in. */
export const wraps = [
  (bytes) => bytes,
  (bytes) => bytes,
  (bytes) => gzipSync(bytes),
  (bytes) => tar([{ path: 'usr/bin/plover', body: bytes }]),
  (bytes) => zip([{ path: 'plover', body: bytes }]),
  (bytes) => gzipSync(tar([{ path: 'a', body: gzipSync(bytes) }])),
];

function made(needs, name, make) {
  return needs.every(has) ? [{ name, bytes: make() }] : [];
}

function file(out, source, text, command) {
  writeFileSync(join(work, source), text);
  const [program = '', ...args] = command;
  run(program, args, { cwd: work });
  return readFileSync(join(work, out));
}

function png() {
  const base64 =
    'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGP8z8DAwMDAxAADAAA6AAMAEQcBAUvPzQcAAAAASUVORK5CYII=';
  return Buffer.from(base64, 'base64');
}
