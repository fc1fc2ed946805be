import { spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { exitCodes } from '../../src/model/error.ts';
import { sha256Of } from '../../src/platform/digest.ts';
import { processMark } from '../../src/platform/process.ts';
import { choose, type StoreItem } from '../../src/store/maintain.ts';
import { openStore } from '../../src/store/store.ts';
import { session, temporary } from './session.ts';

/** A store with two files, a tree with a closed directory, and a log. */
async function filled(): Promise<string> {
  const root = await temporary();
  const store = await openStore(root);
  for (const text of ['one', 'three three three']) {
    await using work = await store.temporary('test');
    await writeFile(join(work.path, 'file'), text);
    await store.adopt(join(work.path, 'file'), sha256Of(text));
  }
  await store.tree('root-x', async (dir) => {
    await mkdir(join(dir, 'closed'));
    await writeFile(join(dir, 'closed/file'), 'x'.repeat(5000));
    await chmod(join(dir, 'closed'), 0o500);
    await utimes(dir, 0, 0);
  });
  await writeFile(store.path('logs', 'build.log'), 'log');
  return root;
}

test('ls names everything with its size', async () => {
  const root = await filled();
  const { exit, stdout } = await session(['store', 'ls', '--json', '--store', root]);
  expect(exit).toBe(0);
  const { items } = JSON.parse(stdout) as { items: { room: string; name: string; size: number }[] };
  expect(items.map(({ room, name }) => `${room} ${name}`).toSorted()).toEqual(
    [`blobs ${sha256Of('one')}`, `blobs ${sha256Of('three three three')}`, 'trees root-x', 'logs build.log'].toSorted(),
  );
  expect(items.find(({ name }) => name === sha256Of('one'))?.size).toBe(3);
  expect(items.find(({ name }) => name === 'root-x')?.size).toBeGreaterThanOrEqual(5000);
  expect((await session(['store', 'ls', '--store', root])).stdout).toMatch(/\n4 items, .* in /);
});

describe('verify', () => {
  test('a whole store is whole', async () => {
    const { exit, stdout } = await session(['store', 'verify', '--store', await filled()]);
    expect([exit, stdout]).toEqual([0, '2 files checked, 0 damaged\n']);
  });

  test('a damaged file is named, set aside, and no longer used', async () => {
    const root = await filled();
    const store = await openStore(root);
    const digest = sha256Of('one');
    await writeFile(store.blobPath(digest), 'one!');
    const { exit, stdout } = await session(['store', 'verify', '--json', '--store', root]);
    expect(exit).toBe(exitCodes.mismatch);
    expect(JSON.parse(stdout)).toEqual({ checked: 2, damaged: [digest] });
    expect(await store.has(digest)).toBe(false);
    expect((await session(['store', 'verify', '--store', root])).exit).toBe(0);
    await session(['store', 'gc', '--store', root]);
    expect(await readdir(join(store.blobPath(digest), '..'))).toEqual([]);
  });
});

describe('gc', () => {
  test('without options keeps what was just used', async () => {
    const { stdout } = await session(['store', 'gc', '--store', await filled()]);
    expect(stdout).toBe('removed 0 items, 0 B\n');
  });

  test('shrinks to nothing, closed directories and all', async () => {
    const root = await filled();
    expect((await session(['store', 'gc', '--max-size', '0', '--store', root])).exit).toBe(0);
    for (const room of ['trees', 'logs', 'tmp']) expect(await readdir(join(root, room))).toEqual([]);
    expect((await session(['store', 'ls', '--store', root])).stdout).toMatch(/^0 items/);
  });

  test('leaves a store alone that another process works with', async () => {
    const root = await filled();
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    onTestFinished(() => void other.kill('SIGKILL'));
    const mark = processMark(other.pid);
    await mkdir(join(root, 'tmp', `${mark ?? ''}-lease-abc123`));
    const { exit, stdout } = await session(['store', 'gc', '--json', '--max-size', '0', '--store', root]);
    expect(exit).toBe(exitCodes.undecided);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'store-busy' } });
    expect((await session(['store', 'ls', '--store', root])).stdout).toMatch(/^4 items|\n4 items/);
  });

  test('a run waits for a clearing under way', async () => {
    const root = await filled();
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    onTestFinished(() => void other.kill('SIGKILL'));
    await mkdir(join(root, 'tmp', `${processMark(other.pid) ?? ''}-clearing-abc123`));
    let ended = false;
    const waiting = session(['verify', '--offline', 'pkg:deb/debian/jq', '--store', root]).then((result) => {
      ended = true;
      return result;
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(ended).toBe(false);
    const gone = new Promise((resolve) => other.once('exit', resolve));
    other.kill('SIGKILL');
    await gone;
    expect((await waiting).exit).toBe(exitCodes.undecided);
  });
});

describe('choose', () => {
  const now = new Date('2024-06-01T00:00:00Z');
  const day = 24 * 3600 * 1000;
  const items: StoreItem[] = [
    { room: 'blobs', name: 'old', path: '/old', size: 10, lastUsed: now.getTime() - 40 * day },
    { room: 'trees', name: 'middle', path: '/middle', size: 20, lastUsed: now.getTime() - 20 * day },
    { room: 'blobs', name: 'new', path: '/new', size: 30, lastUsed: now.getTime() - day },
  ];
  const names = (removal: object): string[] => choose(items, removal, now).map(({ name }) => name);

  test.each([
    [{}, []],
    [{ olderThan: 30 * 24 * 3600 }, ['old']],
    [{ maxSize: 60 }, []],
    [{ maxSize: 50 }, ['old']],
    [{ maxSize: 49 }, ['old', 'middle']],
    [{ maxSize: 0 }, ['old', 'middle', 'new']],
    [{ maxSize: 49, olderThan: 10 * 24 * 3600 }, ['old', 'middle']],
  ])('%j', (removal, expected) => {
    expect(names(removal)).toEqual(expected);
  });
});

test('a store that cannot be opened is a usage error', async () => {
  const dir = await temporary();
  await writeFile(join(dir, 'file'), '');
  expect((await session(['store', 'ls', '--store', join(dir, 'file')])).exit).toBe(exitCodes.usage);
  expect(await readFile(join(dir, 'file'), 'utf8')).toBe('');
});
