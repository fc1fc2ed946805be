import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashFiles } from '../../src/platform/hash-files.ts';

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'hash-files-'));
});
afterAll(() => rmSync(root, { recursive: true }));

function write(name: string, bytes: Buffer): { name: string; bytes: Buffer } {
  writeFileSync(join(root, name), bytes);
  return { name, bytes };
}

function reference(algorithm: string, bytes: Buffer, git: boolean): string {
  const hash = createHash(algorithm);
  if (git) hash.update(`blob ${bytes.length}\0`);
  return hash.update(bytes).digest('hex');
}

test.each([0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 3_000_000])('a file of %i bytes', async (size) => {
  const file = write(`sized-${size}`, Buffer.alloc(size, 'quince '));
  for (const git of ['sha1', 'sha256'] as const) {
    const [found] = await hashFiles(root, [file.name], git);
    expect(found).toEqual({
      sha256: reference('sha256', file.bytes, false),
      size,
      executable: false,
      gitBlob: reference(git, file.bytes, true),
    });
  }
});

test('many files keep their order on several threads', async () => {
  const files = Array.from({ length: 1500 }, (_, index) => write(`many-${index}`, Buffer.from(`medlar ${index}\n`)));
  const found = await hashFiles(
    root,
    files.map((file) => file.name),
  );
  expect(found.map((one) => one.sha256)).toEqual(files.map((file) => reference('sha256', file.bytes, false)));
  expect(found.every((one) => one.gitBlob === undefined)).toBe(true);
});

test('the exec bit of the owner is told', async () => {
  writeFileSync(join(root, 'tool'), '#!/bin/sh', { mode: 0o744 });
  writeFileSync(join(root, 'odd'), '', { mode: 0o655 });
  expect((await hashFiles(root, ['tool', 'odd'])).map((one) => one.executable)).toEqual([true, false]);
});

test('a link is not followed', async () => {
  symlinkSync('sized-1', join(root, 'a-link'));
  await expect(hashFiles(root, ['a-link'])).rejects.toMatchObject({ code: 'ELOOP' });
});
