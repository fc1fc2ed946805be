import { describe, expect, test } from 'vitest';
import { reporters } from './reporters.ts';
import type { Document } from '../../src/report/types.ts';
import { comparisons, documents, verdicts } from './examples.ts';
import { poison } from './poison.ts';

interface Node {
  readonly source1: string;
  readonly source2: string;
  readonly comments?: readonly string[];
  readonly unified_diff: string | null;
  readonly details?: readonly Node[];
}

function tree(document: Document): Node & { readonly 'diffoscope-json-version': number } {
  return JSON.parse(reporters['diffoscope-json'](document));
}

function flat(node: Node): readonly Node[] {
  return [node, ...(node.details ?? []).flatMap(flat)];
}

describe.each(documents)('%s', (_, document) => {
  test('has the shape that readers of diffoscope expect', () => {
    const root = tree(poison(document));
    expect(root['diffoscope-json-version']).toBe(1);
    for (const { 'diffoscope-json-version': _version, ...node } of flat(root) as (typeof root)[]) {
      expect(Object.keys(node).filter((key) => !/^(?:source[12]|comments|unified_diff|details)$/.test(key))).toEqual(
        [],
      );
      expect([node.source1, node.source2].every((source) => /^[\x20-\x7e]+$/.test(source))).toBe(true);
      const lines = node.unified_diff?.split('\n') ?? [];
      expect(lines.every((line) => /^(?:@@ -[01],?\d* \+[01],?\d* @@|[-+][\x20-\x7e]*|)$/.test(line))).toBe(true);
    }
  });
});

test('nests each file in the one that it lies in', () => {
  const root = tree(comparisons.different);
  const data = root.details?.find(({ source1 }) => source1 === 'data.tar');
  const plover = data?.details?.find(({ source1 }) => source1 === 'usr/bin/plover');
  expect(plover?.comments?.join('\n')).toContain('grave: changed-code, proved: check_licence()');
  expect(plover?.details?.[0]).toMatchObject({
    source1: 'check_licence()',
    unified_diff: expect.stringContaining('\n+0x00001139: 4885 c075 2648 8b05 d22e 0000 741e\n+je 0x1161\n'),
  });
});

test('a file that one side lacks stands against nothing', () => {
  const lacking = flat(tree(comparisons.different)).find(({ source1 }) => source1 === 'usr/lib/libquince.so.1');
  expect(lacking?.source2).toBe('/dev/null');
});

test('several artifacts stand below one root, and equal ones have no difference', () => {
  const root = tree(verdicts.different);
  expect(root.details?.map(({ details }) => details === undefined)).toEqual([false, true]);
  expect(tree(verdicts.identical)).toMatchObject({ unified_diff: null });
});

test('a count of lines is that of the lines', () => {
  for (const { unified_diff: diff } of flat(tree(comparisons.different))) {
    if (diff === null) continue;
    const [, minus, plus] = /^@@ -[01],(\d+) \+[01],(\d+) @@/.exec(diff) ?? [];
    expect(diff.match(/^-/gm)?.length ?? 0).toBe(Number(minus));
    expect(diff.match(/^\+/gm)?.length ?? 0).toBe(Number(plus));
  }
});
