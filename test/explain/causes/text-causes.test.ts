import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { dependencyVersion } from '../../../src/explain/causes/dependency-version.ts';
import { embeddedDigest } from '../../../src/explain/causes/embedded-digest.ts';
import { keyOrder } from '../../../src/explain/causes/key-order.ts';
import { lineEndings } from '../../../src/explain/causes/line-endings.ts';
import { lineOrder } from '../../../src/explain/causes/line-order.ts';
import { manifestField } from '../../../src/explain/causes/manifest-field.ts';
import { packageJson } from '../../../src/explain/causes/package-json.ts';
import type { CauseFinder, Pair } from '../../../src/explain/types.ts';
import { ask, textPair } from '../pair.ts';

/** What the finder says of the two texts: how sure it is, and what it leaves. */
async function verdict(
  finder: CauseFinder,
  released: string,
  rebuilt: string,
  more: Partial<Pair> = {},
): Promise<{ certainty: string[]; left: readonly string[] }> {
  const { accounts, left } = await ask(finder, await textPair(released, rebuilt, more));
  return { certainty: accounts.map(({ certainty }) => certainty), left };
}

const proved = { certainty: ['proved'], left: [] };
const suspected = { certainty: ['suspected'], left: [] };

describe('line endings', () => {
  test.each([
    ['plover\r\nquince\r\n', 'plover\nquince\n'],
    ['plover\nquince\n', 'plover\r\nquince\r\n'],
    ['\uFEFFplover\n', 'plover\n'],
    ['plover', 'plover\n'],
  ])('%j for %j', async (released, rebuilt) => {
    expect(await verdict(lineEndings, released, rebuilt)).toEqual(proved);
  });

  test('mixed ends cannot be computed', async () => {
    expect(await verdict(lineEndings, 'plover\r\nquince\nsorrel\n', 'plover\nquince\nsorrel\n')).toEqual(suspected);
  });

  test.each([
    ['a script', '#!/bin/sh\r\nrun\r\n', '#!/bin/sh\nrun\n', 'run'],
    ['a table of cron without its last end', '* * * * * root x', '* * * * * root x\n', 'etc/cron.d/quince'],
  ])('are read by %s', async (_, released, rebuilt, path) => {
    expect(await verdict(lineEndings, released, rebuilt, { path })).toEqual(suspected);
  });

  test('beside another change only the lines that have none', async () => {
    const { certainty, left } = await verdict(lineEndings, 'plover\r\nquinca\r\n', 'plover\nquince\n');
    expect({ certainty, left: left.length }).toEqual({ certainty: ['proved'], left: 1 });
  });

  test('not more empty lines at the end', async () => {
    expect((await verdict(lineEndings, 'plover\n\n\n', 'plover\n')).certainty).toEqual([]);
  });
});

describe('line order', () => {
  const sorted = 'Abele\nBryony\nplover\nquince\nsorrel\n';

  test('sorted in the C locale', async () => {
    const pair = await textPair(sorted, 'plover\nsorrel\nAbele\nquince\nBryony\n');
    const { accounts, left } = await ask(lineOrder, pair);
    expect(accounts[0]).toMatchObject({ certainty: 'proved' });
    expect(accounts[0]?.summary).toContain('sorted by the C locale released, in no sorted order rebuilt');
    expect(left).toEqual([]);
  });

  test('sorted in two locales', async () => {
    const { accounts } = await ask(lineOrder, await textPair('Abele\nZinnia\nbryony\n', 'Abele\nbryony\nZinnia\n'));
    expect(accounts[0]?.summary).toContain('the C locale released, sorted by the order of a language rebuilt');
  });

  test('sorted on neither side is only suspected', async () => {
    expect(await verdict(lineOrder, 'sorrel\nabele\nquince\n', 'quince\nabele\nsorrel\n')).toEqual(suspected);
  });

  test.each([
    [
      'settings',
      'nameserver 192.0.2.1\nnameserver 192.0.2.6\n',
      'nameserver 192.0.2.6\nnameserver 192.0.2.1\n',
      'resolv',
    ],
    ['libraries to load', '/lib/a.so\n/lib/b.so\n', '/lib/b.so\n/lib/a.so\n', 'etc/ld.so.preload'],
  ])('is not proved for %s, of which the first may win', async (_, released, rebuilt, path) => {
    expect(await verdict(lineOrder, released, rebuilt, { path })).toEqual(suspected);
  });

  test('two swapped lines in a longer text may stand in order by chance', async () => {
    expect(await verdict(lineOrder, 'z\nabele\nquince\n', 'z\nquince\nabele\n')).toEqual(suspected);
  });

  test.each([
    ['a changed line', 'Abele\nBryony\nplovex\nquince\nsorrel\n', 'plover\nsorrel\nAbele\nquince\nBryony\n', ''],
    ['a line twice', 'Abele\nAbele\nBryony\n', 'Bryony\nAbele\nBryony\n', ''],
    ['a script', '#!/bin/sh\ncheck\nrun\n', '#!/bin/sh\nrun\ncheck\n', ''],
    ['a program by its name', 'check\nrun\n', 'run\ncheck\n', 'lib/plover.py'],
  ])('not for %s', async (_, released, rebuilt, path) => {
    expect((await verdict(lineOrder, released, rebuilt, { path })).certainty).toEqual([]);
  });
});

describe('key order', () => {
  test.each([
    ['{"b":1,"a":{"d":2,"c":3}}\n', '{"a":{"c":3,"d":2},"b":1}\n'],
    ['{\n  "plover": [1, 2]\n}\n', '{"plover":[1,2]}\n'],
    ['<a c="1" b="2"><d/></a>\n', '<a b="2" c="1"><d/></a>\n'],
  ])('%j', async (released, rebuilt) => {
    expect(await verdict(keyOrder, released, rebuilt)).toEqual(proved);
  });

  test.each([
    ['another value', '{"b":1,"a":2}', '{"a":2,"b":2}'],
    ['another order in a list', '{"a":[1,2]}', '{"a":[2,1]}'],
    ['a key twice', '{"a":1,"b":2,"a":1}', '{"a":1,"b":2}'],
    ['a number that is only nearly equal', '[9007199254740993]', '[9007199254740992]'],
    ['other text between tags', '<a c="1" b="2">x</a>', '<a b="2" c="1">y</a>'],
    ['other attributes', '<a c="1" b="2"/>', '<a b="2" c="2"/>'],
    ['the order that a package is found by', '{"exports":{"a":"x","b":"y"}}', '{"exports":{"b":"y","a":"x"}}'],
    ['no JSON', 'plover', 'quince'],
  ])('not for %s', async (_, released, rebuilt) => {
    expect((await verdict(keyOrder, released, rebuilt)).certainty).toEqual([]);
  });
});

describe('embedded digests', () => {
  const digest = (algorithm: string, content: string, encoding: 'hex' | 'base64url' | 'base64' = 'hex'): string =>
    createHash(algorithm).update(content).digest(encoding);
  const algorithms = ['md5', 'sha1', 'sha256', 'sha512'];
  const list = (content: string, path: string): [string, string][] =>
    algorithms.map((algorithm) => [digest(algorithm, content), path]);
  const digests = {
    released: new Map([...list('theirs', 'usr/bin/plover'), ...list('their other', 'usr/bin/quince')]),
    rebuilt: new Map([...list('ours', 'usr/bin/plover'), ...list('our other', 'usr/bin/quince')]),
  };

  test.each([
    ['md5', 'hex', '', '  usr/bin/plover\n'],
    ['sha1', 'hex', '', '  usr/bin/plover\n'],
    ['sha256', 'hex', '', ' *usr/bin/plover\n'],
    ['sha512', 'hex', '{"sha512": "', '"}\n'],
    ['sha256', 'base64url', 'plover.py,sha256=', ',12\n'],
    ['sha256', 'base64', 'SHA-256-Digest: ', '\r\n'],
    ['sha512', 'base64', '"integrity": "sha512-', '",\n'],
    ['sha1', 'base64', 'SHA1-Digest: ', '\n'],
    ['md5', 'base64', 'Content-MD5: ', '\n'],
  ] as const)('%s in %s', async (algorithm, encoding, before, after) => {
    const line = (content: string): string => `x\n${before}${digest(algorithm, content, encoding)}${after}y\n`;
    expect(await verdict(embeddedDigest, line('theirs'), line('ours'), { digests })).toEqual(proved);
  });

  test('names the files', async () => {
    const line = (content: string): string => `${digest('md5', content)}  usr/bin/plover\n`;
    const { accounts } = await ask(embeddedDigest, await textPair(line('theirs'), line('ours'), { digests }));
    expect(accounts[0]?.summary).toContain('usr/bin/plover');
  });

  test('a size beside it is not checked', async () => {
    const line = (content: string, size: number): string =>
      `plover.py,sha256=${digest('sha256', content, 'base64url')},${size}\n`;
    expect(await verdict(embeddedDigest, line('theirs', 12), line('ours', 13), { digests })).toEqual(suspected);
  });

  test('the installed size of a package', async () => {
    const control = (size: number, depends: string): string =>
      `Package: plover\nInstalled-Size: ${size}\nDepends: ${depends}\n`;
    const left = await verdict(embeddedDigest, control(12, 'libc6'), control(13, 'libc6, evil'), { path: 'control' });
    expect(left).toEqual({ certainty: ['suspected'], left: ['line 3'] });
  });

  test.each([
    ['a digest of no file', `${'0'.repeat(32)}  usr/bin/plover\n`, `${digest('md5', 'ours')}  usr/bin/plover\n`],
    ['the digest of another file', `${digest('md5', 'their other')}  a\n`, `${digest('md5', 'ours')}  a\n`],
    ['another name too', `${digest('md5', 'theirs')}  a\n`, `${digest('md5', 'ours')}  b\n`],
    ['one more line', `${digest('md5', 'theirs')}  a\nevil\n`, `${digest('md5', 'ours')}  a\n`],
    ['our digest in the released file', `${digest('md5', 'ours')}  a\n`, `${digest('md5', 'theirs')}  a\n`],
  ])('not for %s', async (_, released, rebuilt) => {
    expect((await verdict(embeddedDigest, released, rebuilt, { digests })).certainty).toEqual([]);
  });
});

describe('manifest fields', () => {
  const path = 'META-INF/MANIFEST.MF';
  const manifest = (time: string, main: string, more = ''): string =>
    `Manifest-Version: 1.0\r\nBuilt-By: ada\r\nBuild-Time: ${time}\r\n${more}Main-Class: ${main}\r\n\r\n`;

  test('times, and fields that one side lacks', async () => {
    const released = manifest('2024-05-01 10:00', 'Plover', 'Build-Jdk: 17.0.2\r\n');
    expect(await verdict(manifestField, released, manifest('2024-06-02 11:30', 'Plover'), { path })).toEqual(proved);
  });

  test.each([
    ['the main class', manifest('2024', 'Evil'), manifest('2024', 'Plover')],
    ['an agent', manifest('2024', 'Plover', 'Launcher-Agent-Class: Evil\r\n'), manifest('2024', 'Plover')],
    ['a line that goes on', manifest('2024\r\n  Evil', 'Plover'), manifest('2025', 'Plover')],
    ['a value that is no time', manifest('<script>', 'Plover'), manifest('2025', 'Plover')],
  ])('not for %s', async (_, released, rebuilt) => {
    expect((await verdict(manifestField, released, rebuilt, { path })).certainty).toEqual([]);
  });

  test('only in a manifest', async () => {
    expect((await verdict(manifestField, 'Built-By: a\n', 'Built-By: b\n', { path: 'x' })).certainty).toEqual([]);
  });
});

describe('package.json', () => {
  const path = 'package/package.json';
  const json = (more: object): string =>
    `${JSON.stringify({ name: '@heather/plover', version: '1.2.3', ...more }, null, 2)}\n`;

  test('written in another way', async () => {
    const released = json({
      bin: { plover: 'cli.js' },
      repository: { type: 'git', url: 'git+https://github.com/heather/plover.git' },
    });
    expect(
      await verdict(packageJson, released, json({ repository: 'heather/plover', bin: './cli.js' }), { path }),
    ).toEqual(proved);
  });

  test('with what a publisher adds', async () => {
    expect(await verdict(packageJson, json({ gitHead: '12ab', _id: 'x' }), json({}), { path })).toEqual(suspected);
  });

  test.each([
    ['a script', { scripts: { postinstall: 'evil' } }, {}],
    ['a dependency', { gitHead: '12ab', dependencies: { evil: '1.0.0' } }, {}],
    ['another order of conditions', { gitHead: '1', exports: { a: 'x', b: 'y' } }, { exports: { b: 'y', a: 'x' } }],
    ['another program', { bin: './evil.js' }, { bin: './cli.js' }],
    ['another repository', { repository: 'evil/plover' }, { repository: 'heather/plover' }],
  ])('not for %s', async (_, released, rebuilt) => {
    expect((await verdict(packageJson, json(released), json(rebuilt), { path })).certainty).toEqual([]);
  });
});

describe('dependency versions', () => {
  test('the same name, another version', async () => {
    const pair = await textPair('a\nDepends: libplover1 (>= 1.2.3-1)\n', 'a\nDepends: libplover1 (>= 1.3.0~rc1-2)\n', {
      path: 'control',
    });
    const { accounts, left } = await ask(dependencyVersion, pair);
    expect(accounts).toMatchObject([{ certainty: 'suspected' }]);
    expect(accounts[0]?.summary).toContain('libplover1 1.2.3-1 released, 1.3.0~rc1-2 rebuilt');
    expect(left).toEqual([]);
  });

  test.each([
    ['another name', 'Depends: evil (>= 1.2.3)\n', 'Depends: plover (>= 1.3.0)\n', 'control'],
    ['its own version', 'Version: 1.2.3\n', 'Version: 1.2.4\n', 'control'],
    ['a file of another kind', 'x 1.2.3\n', 'x 1.2.4\n', 'readme'],
    ['a digest alone', '"integrity": "sha512-AAAA"\n', '"integrity": "sha512-BBBB"\n', 'package-lock.json'],
  ])('not for %s', async (_, released, rebuilt, path) => {
    expect((await verdict(dependencyVersion, released, rebuilt, { path })).certainty).toEqual([]);
  });
});
