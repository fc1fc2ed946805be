import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/model/comparison.ts';
import { answerFor } from '../../src/report/html/answer.ts';
import { knownFiles } from '../../src/report/html/known-files.ts';
import { reporters } from './reporters.ts';
import { plainSentence } from '../../src/report/prose.ts';
import { subjectsOf } from '../../src/report/subjects.ts';
import type { Document } from '../../src/report/types.ts';
import { comparisons, documents, richDifference, verdicts } from './examples.ts';
import { poison } from './poison.ts';

const page = (document: Document): string => reporters.html(document);

const known = new Set(
  (
    'html head meta title style body a header div p svg circle path rect h1 h2 h3 h4 main section ul ol li dl dt dd ' +
    'b small code span wbr label strong input progress pre i mark details summary article fieldset legend footer script'
  ).split(' '),
);

describe.each(documents)('%s', (_, document) => {
  test('has no element, attribute or address but its own, whatever the document says', () => {
    const text = page(poison(document));
    const bare = text.replaceAll(/<(script|style)\b[^>]*>[^]*?<\/\1>/g, '<$1>');
    expect(text.match(/<script/g)).toHaveLength(3);
    const tags = [...bare.matchAll(/<\/?([a-z][a-z0-9]*)\b([^>]*)>/gi)];
    expect(tags.map(([, name = '']) => name).filter((name) => !known.has(name))).toEqual([]);
    // Every `<` of the page begins one of these tags; text from outside has none.
    expect(bare.split('<').length - 1).toBe(tags.length + 1);
    const attributes = tags.flatMap(([, , inside = '']) => [...inside.matchAll(/([a-z-]+)\s*=\s*"/g)]);
    const names = new Set(attributes.map(([, name]) => name));
    expect([...names].filter((name) => /^(?:on|style$|src|formaction|action)/.test(name ?? ''))).toEqual([]);
    expect([...bare.matchAll(/href="([^"]*)"/g)].map(([, target]) => target)).toEqual(['#main']);
  });

  test('names its script and style by their digests, and allows nothing else', () => {
    const text = page(poison(document));
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text)?.[1] ?? '';
    const digestOf = (element: string): string => {
      const body = new RegExp(`<${element}>([^]*?)</${element}>`).exec(text)?.[1] ?? '';
      expect(body.length).toBeGreaterThan(1000);
      return createHash('sha256').update(body).digest('base64');
    };
    expect(policy.split('; ').toSorted()).toEqual([
      "base-uri 'none'",
      "default-src 'none'",
      "form-action 'none'",
      `script-src 'sha256-${digestOf('script')}'`,
      `style-src 'sha256-${digestOf('style')}'`,
    ]);
    expect(text).not.toMatch(/url\(|@import/);
  });

  test('carries the document', () => {
    const json = /<script type="application\/json" id="document">([^]*?)<\/script>/.exec(page(document))?.[1] ?? '';
    expect(JSON.parse(json)).toEqual({ leftOut: { files: 0, causes: 0, places: 0, allowed: 0 }, document });
  });

  test('begins with one plain sentence and shows full digests that are copied without gaps', () => {
    const text = page(document);
    expect(/<h1>([^<]*)<\/h1>/.exec(text)?.[1]?.replaceAll('&#39;', "'")).toBe(plainSentence(document));
    const shown = [...text.matchAll(/<code class="hash" data-copy[^>]*>(.*?)<\/code>/g)].map(([, inside = '']) =>
      inside.replaceAll(/<[^>]*>/g, ''),
    );
    const digests = subjectsOf(document).flatMap(({ released, rebuilt }) => [released?.sha256, rebuilt?.sha256]);
    expect(shown).toEqual(expect.arrayContaining(digests.filter((digest) => digest !== undefined)));
  });

  test('tells each thing in the order in which a reader asks', () => {
    const text = page(document);
    const order = ['<h1>', 'id="compared"', 'id="yours"', 'What was checked', 'id="chain"', 'id="causes"'];
    const rest = ['id="files"', 'id="moved"', 'id="allowed"', 'id="repeat"', 'id="details"'];
    const places = [...order, ...rest].map((piece) => text.indexOf(piece)).filter((at) => at >= 0);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places.length).toBeGreaterThan(3);
  });
});

test('stays small, and says how much it left out', () => {
  const [, , tool] = richDifference.files;
  const plover = richDifference.files.find(({ path }) => path.endsWith('plover'));
  const [cause] = richDifference.causes;
  if (tool === undefined || plover === undefined || cause === undefined) throw new Error('the example has no files');
  const huge: Comparison = {
    ...comparisons.different,
    difference: {
      ...richDifference,
      files: Array.from({ length: 5000 }, (_, index) => ({
        ...plover,
        path: `data.tar/usr/share/plover-${index}`,
        deltas: Array.from({ length: 40 }, () => plover.deltas[1] ?? plover.deltas[0]).filter(
          (one) => one !== undefined,
        ),
      })),
      causes: Array.from({ length: 3000 }, (_, index) => ({ ...cause, path: `data.tar/usr/share/plover-${index}` })),
    },
  };
  const text = page(huge);
  expect(text.length).toBeLessThan(4_000_000);
  expect(text).toContain('And 4,760 more files');
  expect(text).toContain('and 2,999 more places');
  const json = /id="document">([^]*?)<\/script>/.exec(text)?.[1] ?? '';
  expect(JSON.parse(json)).toMatchObject({ leftOut: { files: 4760, causes: 2760, places: 240 * 28 } });
});

describe('the answer about a file that the reader holds', () => {
  const { released, rebuilt } = comparisons.different;
  const files = knownFiles(subjectsOf(comparisons.different));

  test.each([
    [released.sha256, 'same', /^This is the file this report is about/],
    [rebuilt.sha256, 'rebuilt', /^This is the rebuilt file .*not the one that was released/],
    ['0'.repeat(64), 'other', /^This is not the file this report is about/],
  ])('%s', (sha256, tone, text) => {
    expect(answerFor(String(sha256), files)).toMatchObject({ tone, text: expect.stringMatching(text) });
  });

  test('of two equal files, each is the one', () => {
    const [only, ...others] = knownFiles(subjectsOf(verdicts.identical));
    expect(others).toEqual([]);
    expect(only).toMatchObject({ released: true, rebuilt: true });
  });

  test('there is none where no digest was taken', () => {
    expect(page(comparisons.undecided)).not.toContain('id="drop"');
  });
});
