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
    ['build-date', 'built on Nov 23 2026 at 10:11:12', 'built on Jan  2 2025 at 23:59:00', 'proved'],
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

  // Each was called cosmetic, or proved.
  test.each([
    ['an address of ten digits', 'chat_id=1934567890 x', 'chat_id=1234567890 x'],
    ['an end of validity', 'valid until 2039-01-01 only', 'valid until 2026-01-01 only'],
    ['a date of expiry', 'expiry date: 2039-01-01 only', 'expiry date: 2026-01-01 only'],
    ['a time to run at', 'run at 02:00:00 daily', 'run at 14:00:00 daily'],
    ['what a script runs', 'exec python3 /tmp/evil/main.py now', 'exec python3 /opt/quince/main.py now'],
    ['a list of directories', 'PATH=/tmp/evil:/usr/lib/x.c', 'PATH=/opt/quince:/usr/lib/x.c'],
    ['an address of the net', 'get https://h.example/tempbackdoor', 'get https://h.example/tempreports'],
    ['a common word', 'run /usr/bin/ccevilone now', 'run /usr/bin/ccharmless now'],
    ['a key in hex', `key ${'ab12'.repeat(16)} x`, `key ${'cd34'.repeat(16)} x`],
    ['a mask in hex', 'pin a1b2c3d4 x', 'pin 0badf00d x'],
  ])('not proved: %s', async (_, released, rebuilt) => {
    for (const pack of [packed, (text: string) => Buffer.from(`a grove\n${text}\nof damsons\n`)]) {
      const causes = await causesOf(pack(released), pack(rebuilt));
      expect(causes.filter(({ certainty }) => certainty === 'proved')).toEqual([]);
    }
  });

  test('a script that takes another revision is not proved to be of another revision', async () => {
    const script = (revision: string): Buffer => Buffer.from(`#!/bin/sh\ngit checkout ${revision}\n`);
    const causes = await causesOf(script('deadbeef12'), script('abad1dea34'));
    expect(causes).toMatchObject([{ kind: 'vcs-revision', certainty: 'suspected' }]);
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

  test('are found in a long row of signs in no time', () => {
    const row = '-'.repeat(200_000);
    const started = performance.now();
    expect(editsOf({ released: `${row} plover.c`, rebuilt: `${row} quince.c` })).toMatchObject([
      { released: 'plover.c' },
    ]);
    expect(performance.now() - started).toBeLessThan(2000);
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
