import { describe, expect, test } from 'vitest';
import { reporters } from './reporters.ts';
import { code } from '../../src/report/markdown/escape.ts';
import { plainSentence } from '../../src/report/prose.ts';
import type { Document } from '../../src/report/types.ts';
import { comparisons, documents, verdicts } from './examples.ts';
import { hostile, poison } from './poison.ts';

const markdown = (document: Document): string => reporters.markdown(document);

describe.each(documents)('%s', (_, document) => {
  const text = markdown(poison(document));
  const lines = text.split('\n');

  test('keeps every word from outside in a code span or a fenced block', () => {
    const outside = text.replaceAll(/^```\n(?: {2}.*\n)+```$/gm, '').replaceAll(/`[^`\n]*`/g, '');
    expect(text).toContain('onerror');
    expect(outside).not.toMatch(/onerror|javascript|evil|@plover|MATCH|alert|u\{1b\}|`/);
  });

  test('has as many cells in each row as its table has heads', () => {
    const cells = (line: string): number => line.replaceAll(/`[^`]*`/g, '').split('|').length;
    for (const [index, line] of lines.entries()) {
      if (line.startsWith('|') && lines[index - 1]?.startsWith('|') === true) {
        expect(cells(line)).toBe(cells(lines[index - 1] ?? ''));
      }
    }
  });

  test('begins with the word and the plain sentence', () => {
    expect(markdown(document).split('\n')[2]).toContain(`**${plainSentence(document)}**`);
  });
});

test('leads with what no cause explains', () => {
  const text = markdown(comparisons.different);
  expect(text).toContain('> [!CAUTION]\n> 1,024 bytes that no cause explains, in `data.tar/usr/bin/plover`.');
  expect(text.indexOf('[!CAUTION]')).toBeLessThan(text.indexOf('Why they differ'));
});

test('folds what is long, and closes what it folds', () => {
  const text = markdown(verdicts.different);
  expect(text.match(/<details>/g)?.length).toBeGreaterThan(2);
  expect(text.match(/<details>/g)).toHaveLength(text.match(/<\/details>/g)?.length ?? 0);
});

test.each(['', ' ', '`', '``a``', 'a|b', hostile])('a code span holds %j and nothing ends it', (text) => {
  expect(code(text)).toMatch(/^(?:\(empty\)|`[^`|\n]+`)$/);
});
