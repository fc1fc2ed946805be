import { describe, expect, test } from 'vitest';
import { outcomes } from '../../src/model/verdict.ts';
import { reporters } from './reporters.ts';
import { leadingSentence } from '../../src/report/leading.ts';
import { outcomeProse } from '../../src/report/prose.ts';
import type { Document } from '../../src/report/types.ts';
import { comparisons, documents, richDifference, verdicts } from './examples.ts';
import { hostile, poison } from './poison.ts';

const plain = { color: false, columns: 200 };

describe.each(Object.entries(reporters))('%s', (format, report) => {
  test.each(documents)('lets nothing but printable bytes through: %s', (_, document) => {
    const text = report(poison(document), plain);
    const bad = [...Buffer.from(text)].filter((byte) => byte !== 0x0a && (byte < 0x20 || byte > 0x7e));
    expect(bad).toEqual([]);
  });

  test.each(documents)('begins no line with a command of a CI system: %s', (_, document) => {
    expect(report(poison(document), { ...plain, columns: 30 })).not.toMatch(/^\s*(?:::|##)/m);
  });

  test.each(documents)('gives the same text twice: %s', (_, document) => {
    expect(report(document, plain)).toBe(report(structuredClone(document), plain));
  });

  test('says each word from outside somewhere, or it would not be tested here', () => {
    const text = report(poison(verdicts.different), plain);
    expect(text.length).toBeGreaterThan(report(verdicts.different, plain).length + 20 * hostile.length);
    expect(format === 'html' || text.includes('onerror')).toBe(true);
  });
});

describe('terminal', () => {
  test.each(documents)('says the word first and always what is not proved: %s', (_, document) => {
    const text = reporters.terminal(document, plain);
    expect(text.split('\n')[0]).toBe(outcomeProse[document.outcome].word);
    expect(text).toContain('\n\nWhat this does not prove\n');
    expect(text).toContain('\n\nTo repeat it\n');
  });

  test.each(documents.flatMap(([name, document]) => [80, 60].map((columns) => [name, columns, document] as const)))(
    'fits: %s in %i columns',
    (_, columns, document) => {
      const options = { color: false, columns };
      for (const one of [document, poison(document)]) {
        const lines = reporters.terminal(one, options).split('\n');
        // Only an address, a path, a digest or the command, which nobody could copy in pieces, stands out.
        const command = lines.indexOf('To repeat it');
        const breakable = lines.slice(0, command).filter((line) => line.slice(13).trim().includes(' '));
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

  test('leads with what no cause explains, then causes, worst first, on one screen', () => {
    const text = reporters.terminal(comparisons.different, { color: false, columns: 80 });
    const difference = text.slice(text.indexOf('\ndiffers'), text.indexOf('What this does not prove'));
    expect(difference.trim().split('\n').length).toBeLessThanOrEqual(40);
    const order = ['1,024 bytes that no cause explains', 'GRAVE', 'check_licence()', 'NOTABLE', 'libquince.so.1  '];
    const places = order.map((piece) => difference.indexOf(piece));
    expect(places.every((at, index) => at > (places[index - 1] ?? -1))).toBe(true);
    expect(difference).toContain('and 2 more causes: --json or --format html');
    expect(difference).toContain('and 58 more: --json or --format html');
  });

  test('lays the evidence of both sides one below the other, from the first unequal byte', () => {
    const lines = reporters.terminal(comparisons.different, { color: false, columns: 80 }).split('\n');
    const released = lines.find((line) => line.startsWith('  released ')) ?? '';
    const rebuilt = lines.find((line) => line.startsWith('  rebuilt ')) ?? '';
    expect(released).toMatch(/0x00001143 {2}00 00 eb 1e +jmp 0x1161$/);
    expect(rebuilt.indexOf('74')).toBe(released.indexOf('eb'));
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

  test('repeats a comparison with names that a shell reads as they are', () => {
    const odd = { ...comparisons.identical, rebuilt: { ...comparisons.identical.rebuilt, path: "-it's; true" } };
    expect(reporters.terminal(odd, plain)).toContain(`samesource compare 'dl/plover 2.4.1.tar.gz' './-it'\\''s; true'`);
  });
});

describe('json', () => {
  test.each(documents)('is the document itself: %s', (_, document) => {
    expect(JSON.parse(reporters.json(document))).toEqual(document);
  });

  test('does not depend on the order of keys', () => {
    const { outcome, ...rest } = verdicts.identical;
    expect(reporters.json({ ...rest, outcome })).toBe(reporters.json(verdicts.identical));
  });

  test.each([verdicts.identical, comparisons.different])(
    'refuses to show what the schema does not know',
    (document) => {
      const odd: object = { ...document, extra: 1 };
      expect(() => reporters.json(odd as Document)).toThrow(expect.objectContaining({ code: 'bug' }));
    },
  );
});

test('an outcome has words for each kind of document', () => {
  for (const outcome of outcomes) expect(outcomeProse[outcome].compared).not.toBe(outcomeProse[outcome].means);
});

test('a grave cause leads even where no byte is left', () => {
  const difference = { ...richDifference, unexplained: 0 };
  expect(leadingSentence(difference)).toBe('2 grave causes, in data.tar/usr/bin/plover, and in 1 more place.');
  const calm = { ...difference, causes: richDifference.causes.filter(({ severity }) => severity !== 'grave') };
  expect(leadingSentence(calm)).toBe(
    'Every differing byte has a cause, but 60 bytes only a suspected one: a change could hide among them.',
  );
});

test('every weight of cause is among the examples', () => {
  expect(new Set(richDifference.causes.map(({ severity }) => severity))).toEqual(
    new Set(['grave', 'notable', 'cosmetic']),
  );
});
