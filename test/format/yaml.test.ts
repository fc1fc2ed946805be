import { describe, expect, test } from 'vitest';
import { parseYaml, writeYaml, YamlProblem } from '../../src/format/yaml.ts';

function problemOf(text: string): YamlProblem {
  try {
    parseYaml(text);
  } catch (error) {
    if (error instanceof YamlProblem) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('parseYaml', () => {
  test('reads values and knows where each stands', () => {
    const yaml = parseYaml('one: 1\nlist:\n  - a\n  - deep: "x y"\n');
    expect(yaml.value).toEqual({ one: 1, list: ['a', { deep: 'x y' }] });
    expect(yaml.valueAt(['list', 1, 'deep'])).toEqual({ line: 4, column: 11 });
    expect(yaml.keyAt(['list', 1, 'deep'])).toEqual({ line: 4, column: 5 });
    expect(yaml.valueAt(['list', 1, 'missing'])).toEqual({ line: 4, column: 5 });
    expect(yaml.sourceAt(['one'])).toBe('1');
  });

  test.each([
    ['a tag of the core schema', 'a: 1\nb: !!str 1', 2, 10],
    ['a tag on a map', 'a: !!map {x: 1}', 1, 10],
    ['a tag of its own', 'a: 1\nb: !run 1', 2, 4],
    ['an anchor', 'a: 1\nb: &x 1', 2, 7],
    ['an alias', 'a: 1\nb: *x', 2, 4],
    ['a second document', 'a: 1\n---\nb: 1', 2, 1],
    ['a duplicate key', 'a: 1\nb: 2\na: 3', 3, 1],
    ['a duplicate key in a flow map', 'a: { b: 1, b: 2 }', 1, 12],
    ['a duplicate key in another spelling', 'a: 1\n"a": 2', 2, 1],
    ['a key that is a list', '? [1]\n: 2', 1, 3],
    ['a key that is a number', 'a: 1\n2: 2', 2, 1],
    ['a prototype key', 'a: 1\n__proto__: 2', 2, 1],
    ['a tab as indentation', 'a:\n\tb: 1', 2, 1],
    ['two values in a line', 'a: 1\nb: c: d', 2, 4],
  ])('refuses %s', (_, text, line, column) => {
    expect(problemOf(text).position).toEqual({ line, column });
  });

  test('a merge key is a key like any other', () => {
    expect(parseYaml('<<: { a: 1 }').value).toEqual({ '<<': { a: 1 } });
  });

  test.each([
    ['flow lists', '['.repeat(1 << 20)],
    ['flow lists over lines', '[\n'.repeat(1 << 19)],
    ['block lists', '- '.repeat(1 << 19)],
    ['explicit keys', '? '.repeat(1 << 19)],
  ])('refuses a megabyte of nested %s at once', (_, text) => {
    const started = performance.now();
    expect(problemOf(text)).toBeInstanceOf(YamlProblem);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('reads a megabyte of keys in bearable time', { timeout: 20_000 }, () => {
    const text = `{${Array.from({ length: 80_000 }, (_, index) => `k${index}: 1`).join(',')}}`;
    expect(Object.keys(parseYaml(text).value as object)).toHaveLength(80_000);
  });
});

test('writeYaml quotes what would be read as something else, and comments', () => {
  const value = { version: '1.10', name: 'yes: no', run: 'make\nmake check\n', list: ['a'], deep: { n: 1 } };
  const text = writeYaml(value, 'heading\nsecond line', {
    version: 'what it is',
    'deep.n': 'inner',
    'deep.missing': 'x',
  });
  expect(parseYaml(text).value).toEqual(value);
  expect(text).toMatch(/^# heading\n# second line\n/);
  expect(text).toContain('\n# what it is\nversion: "1.10"');
  expect(text).toContain('  # inner\n  n: 1');
  expect(text).not.toContain('# x');
});
