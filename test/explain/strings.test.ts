import { describe, expect, test } from 'vitest';
import { editsOf, isDate } from '../../src/explain/strings.ts';
import { pathChange } from '../../src/explain/tokens.ts';
import { causesOf } from './support-elf.ts';

/** Bytes that no format claims, with text in them. */
const packed = (text: string): Buffer =>
  Buffer.concat([Buffer.from([1, 2, 0xff, 0]), Buffer.from(text), Buffer.from([0, 0xfe, 3])]);

describe('causes in any file that holds strings', () => {
  test.each([
    ['build-path', '#line 3 "/home/ada/quince/grove.c"', '#line 3 "/build/plover-7/quince/grove.c"', 'proved'],
    ['build-date', 'picked on Nov 23 2026 at 10:11:12', 'picked on Jan  2 2025 at 23:59:00', 'proved'],
    ['build-date', 'stamp 2026-11-23T10:11:12Z;', 'stamp 2025-01-02T03:04:05Z;', 'proved'],
    ['build-date', 'epoch=1763892672 end', 'epoch=1700000000 end', 'proved'],
    ['vcs-revision', 'v1.2-3-g8c1f0a2b-dirty in use', 'v1.2-3-g8c1f0a2b in use', 'proved'],
    ['random-id', 'id 0f3a2c1d-1111-4abc-8def-0123456789ab.', 'id 9e3a2c1d-2222-4abc-8def-ba9876543210.', 'suspected'],
    ['host-or-user', 'built by ada@orchard now', 'built by buildd@sorrel now', 'suspected'],
    ['temporary-name', 'from /tmp/ccAb12Cd.o here', 'from /tmp/ccZz98Yx.o here', 'proved'],
  ])('%s: %s', async (kind, released, rebuilt, certainty) => {
    for (const pack of [packed, (text: string) => Buffer.from(`a grove\n${text}\nof damsons\n`)]) {
      const causes = await causesOf(pack(released), pack(rebuilt));
      expect(causes).toMatchObject([{ kind, certainty }]);
    }
  });

  test('a path that a program may use is not proved to be a path of the build', async () => {
    const causes = await causesOf(packed('load /tmp/evil/plugin from'), packed('load /opt/quince/plugin from'));
    expect(causes.filter(({ severity }) => severity === 'cosmetic')).toEqual([]);
  });

  test('dates of two moments are not proved', async () => {
    const causes = await causesOf(
      packed('from 2026-11-23 until 2031-11-23 then'),
      packed('from 2026-11-20 until 2026-12-20 then'),
    );
    expect(causes).toMatchObject([{ kind: 'build-date', certainty: 'suspected' }]);
  });

  test('words are nothing of the kind', async () => {
    const causes = await causesOf(packed('the quince is ripe'), packed('the quince is sour'));
    expect(causes.map(({ kind }) => kind)).toEqual(['cannot-tell']);
  });
});

describe('tokens', () => {
  test('are paired one by one', () => {
    expect(editsOf({ released: 'a /b/c.c:12 d', rebuilt: 'a /x/y/c.c:12 d' })).toMatchObject([
      { released: '/b/c.c:12', rebuilt: '/x/y/c.c:12' },
    ]);
    expect(editsOf({ released: 'one two', rebuilt: 'one two three' })).toBeUndefined();
  });

  test('toolchains are no places to build in', () => {
    const change = {
      released: '/usr/lib/gcc/x86_64/12/include/stddef.h',
      rebuilt: '/usr/lib/gcc/x86_64/11/include/stddef.h',
    };
    expect(pathChange(change)).toBeUndefined();
  });

  test('years alone are no dates', () => {
    expect(['2026', '12', 'May', '1.2.3'].filter(isDate)).toEqual([]);
  });
});
