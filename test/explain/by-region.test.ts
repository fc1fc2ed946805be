import { describe, expect, test } from 'vitest';
import { byRegion } from '../../src/explain/by-region.ts';
import { displaced } from '../../src/explain/displaced.ts';
import type { Delta, Side } from '../../src/explain/types.ts';
import { coverOf } from '../../src/ledger/cover.ts';
import type { Member } from '../../src/ledger/types.ts';
import { bufferView } from '../../src/platform/view.ts';

/** A file of named pieces; one of a member has the name `member: field`. */
function side(pieces: readonly (readonly [name: string, content: string, kind?: 'content' | 'derived'])[]): Side {
  const view = bufferView(Buffer.from(pieces.map(([, content]) => content).join('')));
  const cover = coverOf('toy', view);
  const members: Member[] = [];
  let at = 0;
  for (const [name, content, kind = 'metadata'] of pieces) {
    const [member, field] = name.includes(': ') ? (name.split(': ') as [string, string]) : [undefined, name];
    cover.add(at, content.length, kind, field, member === undefined ? {} : { member });
    if (member !== undefined && field === 'content') {
      const stored = { at, size: content.length };
      const open = async () => view.slice(stored.at, stored.size);
      members.push({ key: member, type: 'file', fields: {}, size: content.length, stored, plain: true, open });
    }
    at += content.length;
  }
  return { view, reading: { format: 'binary', regions: cover.finish(), members, facts: {} } };
}

const told = (deltas: readonly Delta[]): [string, number][] => deltas.map(({ where, bytes }) => [where, bytes]);

describe('region by region', () => {
  test('equal files have no deltas', async () => {
    const pieces = [
      ['a', 'quince'],
      ['b', 'sorrel'],
    ] as const;
    expect(await byRegion(side(pieces), side(pieces))).toEqual([]);
  });

  test('short fields are told whole, long ones where they differ', async () => {
    const long = 'x'.repeat(200);
    const theirs = side([
      ['a', 'quince'],
      ['b', `${long}A${long}B`],
    ]);
    const ours = side([
      ['a', 'quench'],
      ['b', `${long}C${long}D`],
    ]);
    expect(told(await byRegion(theirs, ours))).toEqual([
      ['a', 2],
      ['b', 1],
      ['b', 1],
    ]);
  });

  test('a longer region is told without its common ends', async () => {
    const long = 'x'.repeat(200);
    const [delta] = await byRegion(side([['a', `${long}1${long}`]]), side([['a', `${long}2345${long}`]]));
    expect(delta).toMatchObject({ released: { at: 200, size: 1 }, rebuilt: { at: 200, size: 4 }, bytes: 4 });
  });

  test('what one side lacks is a delta; a member is one', async () => {
    const theirs = side([
      ['m: head', 'hhh'],
      ['m: content', 'cccc'],
      ['lone', 'z'],
    ]);
    const ours = side([['extra', 'ee']]);
    expect(told(await byRegion(theirs, ours))).toEqual([
      ['lone', 1],
      ['m', 7],
      ['extra', 2],
    ]);
  });

  test('contents of members that both have are left to what lies inside', async () => {
    const theirs = side([
      ['m: head', 'h'],
      ['m: content', 'one'],
    ]);
    const ours = side([
      ['m: head', 'H'],
      ['m: content', 'two'],
    ]);
    expect(told(await byRegion(theirs, ours))).toEqual([['m: head', 1]]);
  });

  test('another order is one delta, with the fewest that were moved', async () => {
    const pieces = [
      ['a', '1'],
      ['b', '22'],
      ['c', '333'],
      ['d', '4444'],
    ] as const;
    const [a, b, c, d] = pieces;
    const [delta, ...more] = await byRegion(side([a, b, c, d]), side([b, c, d, a]));
    expect(more).toEqual([]);
    expect(delta).toMatchObject({ field: 'order', bytes: 1 });
  });

  test('of several regions with one name none hides another', async () => {
    const deltas = await byRegion(
      side([
        ['pad', 'a'],
        ['x', 'x'],
        ['pad', 'b'],
      ]),
      side([
        ['pad', 'a'],
        ['x', 'x'],
        ['pad', 'c'],
      ]),
    );
    expect(told(deltas)).toEqual([['pad', 1]]);
  });
});

describe('displaced', () => {
  test.each([
    [[0, 1, 2, 3], []],
    [[3, 0, 1, 2], [0]],
    [[0, 3, 1, 2], [1]],
    [[1, 0], [0]],
    [[], []],
  ])('%j', (places, moved) => {
    expect(displaced(places)).toEqual(moved);
  });

  test('what is left rises, for any order', () => {
    let seed = 7;
    const next = (): number => (seed = (seed * 1103515245 + 12345) % 2 ** 31);
    for (let round = 0; round < 50; round++) {
      const places = Array.from({ length: 40 }, (_, index) => [next(), index] as const)
        .toSorted((a, b) => a[0] - b[0])
        .map(([, index]) => index);
      const moved = new Set(displaced(places));
      const rest = places.filter((_, index) => !moved.has(index));
      expect(rest).toEqual(rest.toSorted((a, b) => a - b));
    }
  });
});
