import { describe, expect, test } from 'vitest';
import { outcomes, type Verdict } from '../../src/model/verdict.ts';
import { reporters } from '../../src/report/index.ts';
import { outcomeProse } from '../../src/report/prose.ts';
import { verdicts } from './examples.ts';

const plain = { color: false, columns: 200 };
const hostile = '\u001b[2J\u001b[1;1HMATCH\r\b\u0007\u202e\u009b31m\u200b\u2028\n::error::x\n##[error]y \u007f\u0430';

/** Every text in a verdict but those with a closed form replaced by a hostile one. */
function poison(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => poison(item));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, poison(member, name)]));
  }
  const closed = /^(?:kind|status|outcome|code|sha256|sha512|secondHash|commit|tree|tagObject|dirHash|digest|change)$/;
  return typeof value === 'string' && !closed.test(key) && key !== 'platform' ? `${value} ${hostile}` : value;
}

describe.each(Object.entries(reporters))('%s', (_, report) => {
  test.each(outcomes)('lets nothing but printable bytes through: %s', (outcome) => {
    const text = report(poison(verdicts[outcome]) as Verdict, plain);
    const bad = [...Buffer.from(text)].filter((byte) => byte !== 0x0a && (byte < 0x20 || byte > 0x7e));
    expect(bad).toEqual([]);
  });

  test.each(outcomes)('begins no line with a command of a CI system: %s', (outcome) => {
    expect(report(poison(verdicts[outcome]) as Verdict, { ...plain, columns: 30 })).not.toMatch(/^\s*(?:::|##)/m);
  });

  test.each(outcomes)('gives the same text twice: %s', (outcome) => {
    expect(report(verdicts[outcome], plain)).toBe(report(structuredClone(verdicts[outcome]), plain));
  });
});

describe('terminal', () => {
  test.each(outcomes)('says the word first and always what is not proved: %s', (outcome) => {
    const text = reporters.terminal(verdicts[outcome], plain);
    expect(text.split('\n')[0]).toBe(outcomeProse[outcome].word);
    expect(text).toContain('\n\nWhat this does not prove\n');
    expect(text).toContain('\n\nTo repeat it\n');
  });

  test.each(outcomes.flatMap((outcome) => [80, 60].map((columns) => [outcome, columns] as const)))(
    'fits: %s in %i columns',
    (outcome, columns) => {
      const options = { color: false, columns };
      for (const verdict of [verdicts[outcome], poison(verdicts[outcome]) as Verdict]) {
        const lines = reporters.terminal(verdict, options).split('\n');
        // Only an address, a path or a digest, which nobody could copy in pieces, stands out.
        const breakable = lines.filter((line) => line.slice(13).trim().includes(' '));
        const widest = Math.max(...breakable.map((line) => line.length));
        // A backslash may have been put before a command of a CI system.
        expect(widest).toBeLessThanOrEqual(columns + 1);
      }
    },
  );

  test('shows full digests, each on one line', () => {
    const text = reporters.terminal(verdicts.different, { color: false, columns: 80 });
    for (const file of [verdicts.different.artifacts[0]?.released, verdicts.different.artifacts[0]?.rebuilt]) {
      expect(text).toContain(file?.sha256);
    }
  });

  test('names differing members, worst first, on one screen', () => {
    const text = reporters.terminal(verdicts.different, plain);
    const order = ['etc/extra', 'usr/bin/sudo', 'usr/bin/tool-59', 'usr/bin/tool-58'].map((name) => text.indexOf(name));
    expect(order.every((at, index) => at > (order[index - 1] ?? 0))).toBe(true);
    expect(text).toContain('mode: released 4755, rebuilt 755');
    expect(text).toContain('and 42 more');
    expect(text).not.toContain('tool-0\n');
  });

  test('has colour only where it was asked for', () => {
    expect(reporters.terminal(verdicts.identical, plain)).not.toContain('\u001b');
    expect(reporters.terminal(verdicts.identical, { ...plain, color: true })).toContain('\u001b[');
  });

  test('repeats a Debian package by its package URL', () => {
    const { claim } = verdicts.identical;
    const released = {
      kind: 'debian',
      package: 'ca-certificates',
      version: '20230311+deb12u1',
      arch: 'all',
      suites: ['bookworm'],
    } as const;
    const text = reporters.terminal(
      {
        ...verdicts.identical,
        claim: {
          ...claim,
          text: {
            ...claim.text,
            source: { kind: 'debian', package: 'ca-certificates', version: '20230311+deb12u1', suites: ['bookworm'] },
            artifacts: [{ path: '../x.deb', released, allow: [] }],
          },
        },
      },
      plain,
    );
    expect(text).toContain("samesource verify 'pkg:deb/debian/ca-certificates@20230311%2Bdeb12u1?arch=all'");
  });
});

describe('json', () => {
  test.each(outcomes)('is the verdict itself: %s', (outcome) => {
    expect(JSON.parse(reporters.json(verdicts[outcome]))).toEqual(verdicts[outcome]);
  });

  test('does not depend on the order of keys', () => {
    const { outcome, ...rest } = verdicts.identical;
    expect(reporters.json({ ...rest, outcome })).toBe(reporters.json(verdicts.identical));
  });

  test('refuses to show what the schema does not know', () => {
    expect(() => reporters.json({ ...verdicts.identical, extra: 1 } as Verdict)).toThrow(
      expect.objectContaining({ code: 'bug' }),
    );
  });
});
