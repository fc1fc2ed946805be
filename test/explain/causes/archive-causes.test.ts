import { describe, expect, test } from 'vitest';
import { archiveFormat } from '../../../src/explain/causes/archive-format.ts';
import { archiveOrder } from '../../../src/explain/causes/archive-order.ts';
import { archiveOwner } from '../../../src/explain/causes/archive-owner.ts';
import { archiveTime } from '../../../src/explain/causes/archive-time.ts';
import { archiveUmask } from '../../../src/explain/causes/archive-umask.ts';
import { changedMode } from '../../../src/explain/causes/changed-mode.ts';
import { compressorHeader } from '../../../src/explain/causes/compressor-header.ts';
import { onlyOnOneSide } from '../../../src/explain/causes/only-on-one-side.ts';
import type { CauseFinder, Side } from '../../../src/explain/types.ts';
import type { FormatName } from '../../../src/model/region.ts';
import { ask, pairOf, sideOf, type Piece, type SideOptions } from '../pair.ts';

async function told(
  finder: CauseFinder,
  format: FormatName,
  released: readonly Piece[],
  rebuilt: readonly Piece[],
  options: SideOptions = {},
): Promise<{ certainty: string[]; summary: string; fix: string | undefined; left: readonly string[] }> {
  const pair = await pairOf(sideOf(format, released, options), sideOf(format, rebuilt, options));
  const { accounts, left } = await ask(finder, pair);
  const [first] = accounts;
  return {
    certainty: accounts.map(({ certainty }) => certainty),
    summary: first?.summary ?? '',
    fix: first?.fix,
    left,
  };
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
const tarTime = (member: string, seconds: number, end = '\0'): Piece => ({
  name: `${member}: mtime`,
  bytes: `${seconds.toString(8).padStart(11, '0')}${end}`,
  value: iso(seconds),
});

describe('times', () => {
  test('a constant of the release', async () => {
    const found = await told(
      archiveTime,
      'tar',
      [tarTime('a', 1714500000), tarTime('b', 1714500000)],
      [tarTime('a', 1720000000), tarTime('b', 1720000009)],
    );
    expect(found).toMatchObject({ certainty: ['proved'], left: [] });
    expect(found.summary).toContain('times of 2 entries: 2024-04-30T18:00:00.000Z released, the same in all');
    expect(found.summary).toContain('2 different ones');
    expect(found.fix).toContain('SOURCE_DATE_EPOCH');
  });

  test('a pax record of another length', async () => {
    const record = (value: string): Piece[] => {
      const length = ` mtime=${value}\n`.length + 2;
      return [{ name: 'a: pax mtime', bytes: `${length} mtime=${value}\n`, value }];
    };
    const found = await told(archiveTime, 'tar', record('1714500000.123456789'), record('1720000000'));
    expect(found).toMatchObject({ certainty: ['proved'], left: [] });
  });

  test('a time that is spelled in another way is only suspected', async () => {
    const found = await told(archiveTime, 'tar', [tarTime('a', 1714500000, ' ')], [tarTime('a', 1720000000)]);
    expect(found).toMatchObject({ certainty: ['suspected'], left: [] });
  });

  test('zip in another time zone', async () => {
    const dos = (member: string, hour: number): Piece => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt16LE((hour << 11) | (30 << 5), 0);
      bytes.writeUInt16LE((44 << 9) | (5 << 5) | 7, 2);
      return { name: `${member}: mtime`, bytes, value: `2024-05-07 ${hour}:30` };
    };
    const zone = await told(archiveTime, 'zip', [dos('a', 10), dos('b', 12)], [dos('a', 8), dos('b', 10)]);
    expect(zone).toMatchObject({ certainty: ['proved'], fix: 'TZ=UTC', left: [] });
    expect(zone.summary).toContain('+2 hours');
    const other = await told(archiveTime, 'zip', [dos('a', 10), dos('b', 12)], [dos('a', 8), dos('b', 11)]);
    expect(other.fix).not.toBe('TZ=UTC');
    const none = { ...dos('a', 8), bytes: Buffer.from('ffffffff', 'hex') };
    expect(await told(archiveTime, 'zip', [none], [dos('a', 8)])).toMatchObject({ certainty: [], left: ['a: mtime'] });
  });

  test('nothing else is a time', async () => {
    const found = await told(
      archiveTime,
      'tar',
      [tarTime('a', 1), { name: 'b: mode', bytes: '0000755\0', value: '0755' }],
      [tarTime('a', 2), { name: 'b: mode', bytes: '0000644\0', value: '0644' }],
    );
    expect(found.left).toEqual(['b: mode']);
  });
});

describe('owners', () => {
  const owned = (uid: string, name: string): Piece[] => [
    { name: 'a: uid', bytes: `${uid}\0`, value: String(Number.parseInt(uid, 8)) },
    { name: 'a: uname', bytes: name.padEnd(32, '\0'), value: name },
    { name: 'a: content', bytes: 'x', class: 'content' },
  ];

  test('numbers and names', async () => {
    const found = await told(archiveOwner, 'tar', owned('0000000', 'root'), owned('0001750', 'ada'));
    expect(found).toMatchObject({ certainty: ['proved'], left: [] });
    expect(found.summary).toContain('uname root released, ada rebuilt');
  });

  test('not of what runs as its owner', async () => {
    const found = await told(archiveOwner, 'tar', owned('0000000', 'root'), owned('0001750', 'ada'), {
      mode: { a: '4755' },
    });
    expect(found).toMatchObject({ certainty: [], left: ['a: uid', 'a: uname'] });
  });
});

describe('modes', () => {
  const modes = (...list: readonly string[]): Piece[] =>
    list.map((mode, at) => ({ name: `m${at}: mode`, bytes: `${mode.padStart(7, '0')}\0`, value: mode }));

  test('one umask for all', async () => {
    const found = await told(archiveUmask, 'tar', modes('0644', '0755', '0600'), modes('0664', '0775', '0600'));
    expect(found).toMatchObject({ certainty: ['proved'], left: [] });
    expect(found.summary).toContain('lack 020 in the released file');
  });

  test.each([
    ['wider here and narrower there', ['0644', '0664'], ['0664', '0644'], ['m0: mode', 'm1: mode']],
    ['what may be run', ['0755'], ['0644'], ['m0: mode']],
    ['what its owner may do', ['0444'], ['0644'], ['m0: mode']],
    ['a set-uid bit', ['4755'], ['0755'], ['m0: mode']],
  ])('no umask: %s', async (_, released, rebuilt, left) => {
    expect((await told(archiveUmask, 'tar', modes(...released), modes(...rebuilt))).left).toEqual(left);
  });

  test.each([
    ['0755', '0644'],
    ['4755', '0755'],
    ['2755', '0755'],
    ['1777', '0777'],
    ['0710', '0700'],
  ])('%s for %s is a change of what it can do', async (released, rebuilt) => {
    const found = await told(changedMode, 'tar', modes(released), modes(rebuilt));
    expect(found).toMatchObject({ certainty: ['proved'], left: [] });
    expect(found.summary).toBe(`m0: mode ${released} released, ${rebuilt} rebuilt`);
  });

  test('the mode of a zip stands in its upper half', async () => {
    const attributes = (mode: number): Piece[] => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(mode * 65536);
      return [{ name: 'a: external attributes', bytes, value: mode.toString(8) }];
    };
    expect((await told(changedMode, 'zip', attributes(0o100755), attributes(0o100644))).certainty).toEqual(['proved']);
    expect((await told(changedMode, 'zip', attributes(0o120777), attributes(0o100777))).certainty).toEqual(['proved']);
    expect((await told(archiveUmask, 'zip', attributes(0o100644), attributes(0o100664))).certainty).toEqual(['proved']);
    expect((await told(changedMode, 'zip', attributes(0o100644), attributes(0o100664))).certainty).toEqual([]);
  });

  test('types and links', async () => {
    const entry = (type: string, link: string): Piece[] => [
      { name: 'a: type', bytes: type, class: 'structure', value: type === '2' ? 'symlink' : 'file' },
      { name: 'a: link', bytes: link.padEnd(20, '\0'), class: 'structure', value: link },
    ];
    const found = await told(changedMode, 'tar', entry('2', '/etc/shadow'), entry('0', ''));
    expect(found).toMatchObject({ certainty: ['proved'], left: [] });
    expect(found.summary).toContain('a: link /etc/shadow released');
  });
});

describe('files of one side', () => {
  const file = (name: string, content: string): Piece => ({
    name: `${name}: content`,
    bytes: content,
    class: 'content',
  });

  test('what runs is named first', async () => {
    const found = await told(
      onlyOnOneSide,
      'tar',
      [file('a', 'x'), file('doc/plover', 'y'.repeat(900)), file('usr/bin/evil', 'z')],
      [file('a', 'x'), file('doc/quince', 'y')],
    );
    expect(found).toMatchObject({ certainty: ['proved', 'proved'], left: [] });
    expect(found.summary).toBe('2 files in the released one only: usr/bin/evil, doc/plover');
  });

  test('not for files that both have', async () => {
    expect((await told(onlyOnOneSide, 'tar', [tarTime('a', 1)], [tarTime('a', 2)])).left).toEqual(['a: mtime']);
  });
});

describe('order', () => {
  const file = (name: string): Piece[] => [
    { name: `${name}: header`, bytes: `head ${name}` },
    { name: `${name}: content`, bytes: `x${name}`, class: 'content' },
  ];

  test('sorted in the release', async () => {
    const found = await told(archiveOrder, 'tar', ['a', 'b', 'c'].flatMap(file), ['c', 'a', 'b'].flatMap(file));
    expect(found).toMatchObject({ certainty: ['proved'], fix: 'tar --sort=name', left: [] });
    expect(found.summary).toBe(
      'the same 3 entries released by the C locale, rebuilt in no sorted order, as a directory gives them',
    );
  });

  test('of objects in a library is used by the linker', async () => {
    const found = await told(archiveOrder, 'ar', ['a', 'b'].flatMap(file), ['b', 'a'].flatMap(file));
    expect(found).toMatchObject({ certainty: ['suspected'], left: [] });
  });

  test('of what is looked at first in a jar is not proved to be without effect', async () => {
    const names = ['META-INF/MANIFEST.MF', 'b'];
    const found = await told(archiveOrder, 'zip', names.flatMap(file), names.toReversed().flatMap(file));
    expect(found).toMatchObject({ certainty: ['suspected'], left: [] });
  });

  test.each([
    ['a link and what lies behind it', ['d', 'd/x'], { d: ['symlink', '/elsewhere'] }],
    ['a hard link and its file', ['a', 'l'], { l: ['hardlink', './a'] }],
    ['names that lead out of a directory', ['x', 'y/../x'], {}],
  ] as const)('not for %s', async (_, names, links) => {
    const side = (keys: readonly string[]): Side => {
      const made = sideOf('tar', keys.flatMap(file));
      const members = made.reading.members.map((member) => {
        const [type, link] = (links as Record<string, readonly ['symlink', string]>)[member.key] ?? [];
        return type === undefined ? member : { ...member, type, fields: { link: link ?? '' } };
      });
      return { ...made, reading: { ...made.reading, members } };
    };
    const { accounts } = await ask(archiveOrder, await pairOf(side(names), side(names.toReversed())));
    expect(accounts).toEqual([]);
  });

  test('not where the parts of one entry moved', async () => {
    const [head, body] = file('a') as [Piece, Piece];
    const released = [head, body, ...file('b')];
    const found = await told(archiveOrder, 'tar', released, [...file('b'), body, head]);
    expect(found.certainty).toEqual([]);
    expect(found.left.length).toBeGreaterThan(0);
  });
});

describe('variants of the format', () => {
  test('ustar for GNU, and the size of the last record', async () => {
    const released = [
      { name: 'a: magic', bytes: 'ustar\x0000', class: 'structure', value: 'posix' },
      { name: 'a: devmajor', bytes: '0000000\0', class: 'structure', value: '0' },
      { name: 'end of archive', bytes: Buffer.alloc(1024), class: 'padding' },
    ] as const;
    const rebuilt = [
      { name: 'a: magic', bytes: 'ustar  \0', class: 'structure', value: 'gnu' },
      { name: 'a: devmajor', bytes: Buffer.alloc(8), class: 'structure', value: '0' },
      { name: 'end of archive', bytes: Buffer.alloc(9728), class: 'padding' },
    ] as const;
    expect(await told(archiveFormat, 'tar', released, rebuilt)).toMatchObject({ certainty: ['proved'], left: [] });
  });

  test.each([
    [
      'another device',
      { name: 'a: devmajor', bytes: '0000001\0', value: '1' },
      { name: 'a: devmajor', bytes: '0000000\0', value: '0' },
    ],
    [
      'another mode',
      { name: 'a: mode', bytes: '0000755\0', value: '0755' },
      { name: 'a: mode', bytes: '0000644\0', value: '0644' },
    ],
    [
      'another record',
      { name: 'a: pax evil', bytes: '10 evil=1\n', value: '1' },
      { name: 'a: pax evil', bytes: '10 evil=2\n', value: '2' },
    ],
  ])('not %s', async (_, released, rebuilt) => {
    expect((await told(archiveFormat, 'tar', [released], [rebuilt])).left).toEqual([released.name]);
  });

  test('the extra fields of zip that are known', async () => {
    const extra = (id: string, byte: number): Piece[] => [{ name: `a: extra 0x${id}`, bytes: Buffer.from([byte]) }];
    expect((await told(archiveFormat, 'zip', extra('5455', 1), extra('5455', 2))).certainty).toEqual(['suspected']);
    expect((await told(archiveFormat, 'zip', extra('1234', 1), extra('1234', 2))).left).toEqual(['a: extra 0x1234']);
  });
});

describe('the header of gzip', () => {
  const header = (time: string, effort: number, name: string, comment = 'c'): Piece[] => [
    {
      name: 'flags',
      bytes: Buffer.from([name === '' ? 16 : 24]),
      class: 'structure',
      value: name === '' ? '16' : '24',
    },
    { name: 'mtime', bytes: Buffer.from(time, 'hex'), value: time },
    { name: 'compression flags', bytes: Buffer.from([effort]), value: String(effort) },
    ...(name === '' ? [] : [{ name: 'name', bytes: `${name}\0`, value: name }]),
    { name: 'comment', bytes: `${comment}\0`, value: comment },
  ];

  test('time, effort and name', async () => {
    const found = await told(compressorHeader, 'gzip', header('00000000', 2, ''), header('12345678', 0, 'plover.tar'));
    expect(found).toMatchObject({ certainty: ['proved'], fix: 'gzip -n', left: [] });
  });

  test.each([
    ['a comment', header('00000000', 2, '', 'evil'), header('00000000', 2, ''), ['comment']],
    ['an effort that is none', header('00000000', 77, ''), header('00000000', 0, ''), ['compression flags']],
    ['a name that is none', header('00000000', 2, '\x1b[2J'), header('00000000', 2, 'plover'), ['name']],
  ])('not %s', async (_, released, rebuilt, left) => {
    expect((await told(compressorHeader, 'gzip', released, rebuilt)).left).toEqual(left);
  });
});
