import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256Of } from '../../src/platform/digest.ts';
import { processMark } from '../../src/platform/process.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { temporary } from '../source/fixture.ts';

async function put(store: Store, text: string): Promise<ReturnType<typeof sha256Of>> {
  await using work = await store.temporary('test');
  const path = join(work.path, 'file');
  writeFileSync(path, text);
  const digest = sha256Of(text);
  await store.adopt(path, digest, { urls: [`file:///${text}`], fetchedAt: '2026-01-02T03:04:05Z' });
  return digest;
}

test('a file is kept by its digest, with where it came from first', async () => {
  const store = await openStore(join(temporary(), 'store'));
  const digest = await put(store, 'medlar');
  const blob = await store.get(digest);
  expect(blob).toMatchObject({ sha256: digest, size: 6 });
  expect(readFileSync(blob?.path ?? '', 'utf8')).toBe('medlar');
  await put(store, 'medlar');
  expect((await store.origin(digest))?.urls).toEqual(['file:///medlar']);
  expect(await store.get(sha256Of('other'))).toBeUndefined();
  expect(await store.origin(sha256Of('other'))).toBeUndefined();
  expect(readdirSync(join(store.root, 'tmp'))).toEqual([]);
});

test('a file that was damaged on the disk counts as not here, and can be had again', async () => {
  const store = await openStore(join(temporary(), 'store'));
  const digest = await put(store, 'medlar');
  writeFileSync(store.blobPath(digest), 'medlaR');
  expect(await store.get(digest)).toBeUndefined();
  expect(await store.has(digest)).toBe(false);
  await put(store, 'medlar');
  expect(await store.get(digest)).toMatchObject({ size: 6 });
});

test('a tree gets its name when it is whole, and is made once', async () => {
  const store = await openStore(join(temporary(), 'store'));
  const broken = store.tree('quince', async (dir) => {
    writeFileSync(join(dir, 'half'), '');
    throw new Error('stopped');
  });
  await expect(broken).rejects.toThrow('stopped');
  expect(await store.hasTree('quince')).toBe(false);
  let made = 0;
  const make = async (dir: string): Promise<void> => {
    made += 1;
    writeFileSync(join(dir, 'whole'), '');
  };
  const path = await store.tree('quince', make);
  expect(await store.tree('quince', make)).toBe(path);
  expect(made).toBe(1);
  expect(readdirSync(path)).toEqual(['whole']);
});

test('two that make one tree at once both get it', async () => {
  const root = join(temporary(), 'store');
  const stores = [await openStore(root), await openStore(root)];
  let waiting = 2;
  let go: (() => void) | undefined;
  const both = new Promise<void>((resolve) => (go = resolve));
  const paths = await Promise.all(
    stores.map((store) =>
      store.tree('quince', async (dir) => {
        writeFileSync(join(dir, 'same'), 'x');
        waiting -= 1;
        if (waiting === 0) go?.();
        await both;
      }),
    ),
  );
  expect(new Set(paths).size).toBe(1);
  expect(readdirSync(paths[0] ?? '')).toEqual(['same']);
  expect(readdirSync(join(root, 'tmp'))).toEqual([]);
});

test('what a dead process left behind is cleared away, what a living one works on is not', async () => {
  const root = join(temporary(), 'store');
  const store = await openStore(root);
  const mark = processMark() ?? '';
  const dead = `${mark.replace(/-\d+-\d+$/, '')}-4194303-1-download-abc`;
  const rebooted = `00000000-${mark.split('-').slice(1).join('-')}-download-abc`;
  for (const name of [dead, rebooted]) mkdirSync(join(root, 'tmp', name, 'sub'), { recursive: true });
  await using work = await store.temporary('alive');
  await openStore(root);
  expect(existsSync(work.path)).toBe(true);
  expect(readdirSync(join(root, 'tmp'))).toHaveLength(1);
});
