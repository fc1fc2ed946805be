import { describe, expect, test } from 'vitest';
import { canonicalJson, objectMembers } from '../../../src/explain/formats/json.ts';
import { sortedAttributes } from '../../../src/explain/formats/xml.ts';
import type { Pair } from '../../../src/explain/types.ts';
import { textPair } from '../pair.ts';

/** Ours with what differs replaced by what was released. */
function applied({ deltas, released, rebuilt }: Pair): string {
  const parts: Buffer[] = [];
  let end = 0;
  for (const { released: theirs, rebuilt: ours } of deltas) {
    if (theirs === undefined || ours === undefined) throw new Error('a delta of one side');
    parts.push(rebuilt.view.read(end, ours.at - end), released.view.read(theirs.at, theirs.size));
    end = ours.at + ours.size;
  }
  parts.push(rebuilt.view.read(end, rebuilt.view.size - end));
  return Buffer.concat(parts).toString();
}

describe('lines of text', () => {
  test('equal texts have no deltas', async () => {
    expect((await textPair('plover\nquince\n', 'plover\nquince\n')).deltas).toEqual([]);
  });

  test('one changed line is told with its number', async () => {
    const { deltas } = await textPair('plover\nquince 1\nsorrel\n', 'plover\nquince 2\nsorrel\n');
    expect(deltas).toEqual([
      {
        where: 'line 2',
        field: 'line',
        class: 'content',
        released: { at: 7, size: 9, text: 'quince 1' },
        rebuilt: { at: 7, size: 9, text: 'quince 2' },
        bytes: 1,
      },
    ]);
  });

  test('lines that stand against each other are told one by one, others as one', async () => {
    const pair = await textPair('a\n1\n2\nb\nc\n3\n', 'a\n4\n5\nb\n6\n7\nc\n3\n');
    expect(pair.deltas.map(({ where }) => where)).toEqual(['line 2', 'line 3', 'line 5']);
    expect(pair.deltas[2]?.released?.size).toBe(0);
  });

  test('ours with the differences replaced is what was released, for 400 random texts', async () => {
    const random = randomNumbers(20240501);
    const line = (): string =>
      ['plover', 'quince', 'sorrel', '', 'é', 'a b'][random(6)] + (random(3) === 0 ? '\r\n' : '\n');
    for (let round = 0; round < 400; round++) {
      const ours = Array.from({ length: random(40) }, line);
      const theirs = ours.flatMap((one) => (random(6) === 0 ? [line(), line()].slice(random(3)) : [one]));
      const [left, right] = [theirs.join('').slice(0, -random(2) || undefined), ours.join('')];
      expect(applied(await textPair(left, right))).toBe(left);
    }
  });

  test('many changes are bounded, and still all there', async () => {
    const lines = (mark: string): string => Array.from({ length: 30_000 }, (_, at) => `${at}\n${mark}${at}\n`).join('');
    const pair = await textPair(lines('x'), lines('y'));
    expect(pair.deltas.length).toBe(4096);
    expect(applied(pair)).toBe(lines('x'));
  });

  test('a text without a line that stands once takes no long time', async () => {
    const pair = await textPair('a\nb\n'.repeat(200_000), 'b\na\n'.repeat(199_999));
    expect(applied(pair)).toBe('a\nb\n'.repeat(200_000));
  });
});

function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('JSON', () => {
  test.each([
    ['{"b": 1, "a": [1, {"d": 2, "c": "\\u0041"}]}', '{"a":[1,{"c":"A","d":2}],"b":1}'],
    [' [ ] ', '[]'],
    ['{}', '{}'],
    ['[1.0,1e3,-0]', '[1.0,1e3,-0]'],
  ])('%s', (text, canonical) => {
    expect(canonicalJson(text)).toBe(canonical);
  });

  test.each(['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '[1,]', '{"a"}', '[01]', '[1] 2', '"\n"', '', '['.repeat(300)])(
    'not %j',
    (text) => {
      expect(canonicalJson(text)).toBeUndefined();
    },
  );

  test('the members of an object', () => {
    expect(objectMembers('{"plover": [1, 2], "quince": null}')).toEqual(
      new Map([
        ['plover', '[1,2]'],
        ['quince', 'null'],
      ]),
    );
    expect(objectMembers('[1]')).toBeUndefined();
  });
});

describe('XML', () => {
  test('attributes are sorted, all else stays', () => {
    expect(sortedAttributes(`<?xml version="1.0"?><a z="1"  b='2'>x <!-- <c z="1" b="2"> --><d/></a>\n`)).toBe(
      `<?xml version="1.0"?><a b='2' z="1">x <!-- <c z="1" b="2"> --><d/></a>\n`,
    );
  });

  test.each(['plover', '<a b="1" b="2"/>', '<a b=1/>', '<!DOCTYPE a [<!ENTITY b "c">]><a/>', '<a'])(
    'not %s',
    (text) => {
      expect(sortedAttributes(text)).toBeUndefined();
    },
  );
});
