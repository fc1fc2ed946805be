import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareBytes } from '../../src/compare/bytes.ts';
import { compareFiles } from '../../src/compare/compare.ts';
import { hashFile } from '../../src/platform/digest.ts';
import type { Blob } from '../../src/store/store.ts';
import { tarEnd, tarHeader, tarPadding, type TarEntry } from '../../src/format/tar.ts';
import { contextIn, temporary } from '../source/fixture.ts';

async function blob(dir: string, name: string, content: Uint8Array | string): Promise<Blob> {
  const path = join(dir, name);
  writeFileSync(path, content);
  return { path, ...(await hashFile(path)) };
}

function tar(entries: readonly (Partial<TarEntry> & { readonly path: string; readonly body?: string })[]): Buffer {
  const parts = entries.flatMap(({ body = '', ...more }) => {
    const entry = {
      type: 'file' as const,
      mode: 0o644,
      uid: 0,
      gid: 0,
      uname: '',
      gname: '',
      mtime: 7,
      link: '',
      ...more,
    };
    return [tarHeader({ ...entry, size: body.length }), Buffer.from(body), tarPadding(body.length)];
  });
  return Buffer.concat([...parts, tarEnd]);
}

function ar(members: Readonly<Record<string, Uint8Array>>): Buffer {
  const parts = Object.entries(members).flatMap(([name, body]) => [
    Buffer.from(`${name.padEnd(16)}0           0     0     100644  ${String(body.length).padEnd(10)}\`\n`),
    body,
    Buffer.from(body.length % 2 === 1 ? '\n' : ''),
  ]);
  return Buffer.concat([Buffer.from('!<arch>\n'), ...parts]);
}

const deb = (body: string, mode = 0o755): Buffer =>
  ar({
    'debian-binary': Buffer.from('2.0\n'),
    'control.tar.gz': gzipSync(tar([{ path: './control', body: 'Package: plover\n' }])),
    'data.tar.gz': gzipSync(
      tar([
        { path: './usr/bin/plover', body, mode },
        { path: './usr/share/doc/plover', body: 'doc' },
      ]),
    ),
  });

test('bytes are counted, from the first difference on, the longer end included', async () => {
  const dir = temporary();
  const path = async (name: string, content: string): Promise<string> => (await blob(dir, name, content)).path;
  expect(await compareBytes(await path('a', 'heather'), await path('b', 'heather'))).toEqual({
    bytes: 0,
    firstOffset: -1,
  });
  expect(await compareBytes(await path('a', 'heather'), await path('b', 'leaTher'))).toEqual({
    bytes: 2,
    firstOffset: 0,
  });
  expect(await compareBytes(await path('a', 'heath'), await path('b', 'heather'))).toEqual({
    bytes: 2,
    firstOffset: 5,
  });
  const large = 'x'.repeat(3_000_000);
  expect(await compareBytes(await path('a', large), await path('b', `${large.slice(1)}y`))).toEqual({
    bytes: 1,
    firstOffset: 2_999_999,
  });
});

test('a package names the members that differ', async () => {
  const dir = temporary();
  const ctx = await contextIn(dir);
  const { outcome, difference } = await compareFiles(
    await blob(dir, 'a', deb('one')),
    await blob(dir, 'b', deb('oNE')),
    ctx,
  );
  expect(outcome).toBe('different');
  expect(difference?.members).toEqual([{ path: 'data.tar/usr/bin/plover', change: 'changed', bytes: 2 }]);
});

test('a lost set-uid bit is a difference of its own', async () => {
  const dir = temporary();
  const [left, right] = [await blob(dir, 'a', deb('one', 0o4755)), await blob(dir, 'b', deb('one', 0o755))];
  expect((await compareFiles(left, right, await contextIn(dir))).difference?.members).toEqual([
    {
      path: 'data.tar/usr/bin/plover',
      change: 'metadata',
      bytes: 0,
      fields: [{ field: 'mode', released: '4755', rebuilt: '0755' }],
    },
  ]);
});

test('an archive that cannot be read one way says so, and stays different', async () => {
  const dir = temporary();
  const twice = tar([
    { path: 'a', body: '1' },
    { path: 'a', body: '2' },
  ]);
  const [left, right] = [await blob(dir, 'a', twice), await blob(dir, 'b', tar([{ path: 'a', body: '1' }]))];
  const { outcome, difference } = await compareFiles(left, right, await contextIn(dir));
  expect(outcome).toBe('different');
  expect(difference?.unread).toBeDefined();
});

test('equal contents behind another compression are still different', async () => {
  const dir = temporary();
  const body = tar([{ path: 'a', body: 'abc'.repeat(100) }]);
  const [left, right] = [
    await blob(dir, 'a', gzipSync(body, { level: 1 })),
    await blob(dir, 'b', gzipSync(body, { level: 9 })),
  ];
  const { outcome, difference } = await compareFiles(left, right, await contextIn(dir));
  expect(outcome).toBe('different');
  expect(difference?.members).toEqual([]);
});

test('mutation: no flipped, added or lost byte leaves a match', { timeout: 60_000 }, async () => {
  const dir = temporary();
  const ctx = await contextIn(dir);
  const honest = deb('one');
  const released = await blob(dir, 'released', honest);
  expect((await compareFiles(released, await blob(dir, 'rebuilt', honest), ctx)).outcome).toBe('identical');
  const mutants: Buffer[] = [honest.subarray(0, -1), Buffer.concat([honest, Buffer.from('\0')]), Buffer.alloc(0)];
  for (let at = 0; at < honest.length; at += 5) {
    const mutant = Buffer.from(honest);
    mutant[at] = (mutant[at] ?? 0) ^ 1;
    mutants.push(mutant);
  }
  for (const mutant of mutants) {
    expect((await compareFiles(released, await blob(dir, 'mutant', mutant), ctx)).outcome).toBe('different');
  }
});

test('two empty files are no match', async () => {
  const dir = temporary();
  const { outcome } = await compareFiles(await blob(dir, 'a', ''), await blob(dir, 'b', ''), await contextIn(dir));
  expect(outcome).not.toBe('identical');
});
