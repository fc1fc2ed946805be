/** Symbols, relocations and the dynamic section: entry by entry. */
import { fileTypes, sectionTypes } from '../../../format/elf.ts';
import type { Delta } from '../../types.ts';
import { dynamicEntries } from './dynamic.ts';
import { onlyDelta, sectionDelta } from './deltas.ts';
import type { SectionMatch } from './matches.ts';
import { relocationEntries } from './relocations.ts';
import { symbolEntries } from './symbols.ts';
import type { Entries, TableContext } from './table-context.ts';

/** Of symbols, relocations and the dynamic section: entry by entry, but for what was moved. */
export function tableDeltas(match: SectionMatch, context: TableContext): Delta[] {
  if (match.equal && context.addresses.still) return [];
  const entries = entriesOf(match, context);
  if (entries === undefined) return match.equal ? [] : [wholeDelta(match, context, {})];
  const counts = [match.theirs.size / entries.size, match.ours.size / entries.size] as const;
  if (!counts.every(Number.isInteger)) return [wholeDelta(match, context, {})];
  if (counts[0] === counts[1]) {
    const changed = inPlace(match, entries, counts[0], context);
    if (changed !== undefined) return changed;
  }
  return byKey(match, entries, context);
}

function entriesOf(match: SectionMatch, context: TableContext): Entries | undefined {
  switch (match.ours.type) {
    case sectionTypes.symbols:
    case sectionTypes.dynamicSymbols:
      return symbolEntries(match, context);
    case sectionTypes.rela:
    case sectionTypes.rel:
      return relocationEntries(match, context);
    case sectionTypes.dynamic:
      return dynamicEntries(match, context);
    default:
      return undefined;
  }
}

/** Entry by entry; absent if so many differ that they may be in another order. */
function inPlace(match: SectionMatch, entries: Entries, count: number, context: TableContext): Delta[] | undefined {
  const [a, b] = [context.theirs.bytes(match.theirs), context.ours.bytes(match.ours)];
  const { size } = entries;
  const deltas: Delta[] = [];
  let changed = 0;
  for (let index = 0; index < count; index++) {
    const at = index * size;
    const equal = a.compare(b, at, at + size, at, at + size) === 0;
    const same = entries.same(index, index);
    if (equal && (same || context.ours.elf.type === fileTypes.relocatable)) continue;
    if (!same && ++changed > 4 && changed > count / 8) return undefined;
    deltas.push(entryDelta(match, entries, index, index, same, context));
  }
  return deltas;
}

function entryDelta(
  match: SectionMatch,
  entries: Entries,
  i: number,
  j: number,
  same: boolean,
  context: TableContext,
): Delta {
  const { size } = entries;
  const piece = { theirs: i * size, theirsSize: size, ours: j * size, oursSize: size };
  const where = `${match.name}: ${entries.name('ours', j)}`;
  return sectionDelta(context, match, piece, { where, field: 'entry', ...(same ? { class: 'derived' as const } : {}) });
}

/** Entries that one side lacks, those that differ, and whether the rest has another order. */
function byKey(match: SectionMatch, entries: Entries, context: TableContext): Delta[] {
  const [theirs, ours] = [numbered(entries.keys('theirs')), numbered(entries.keys('ours'))];
  const places = new Map(theirs.map((key, index) => [key, index]));
  const { size } = entries;
  const deltas: Delta[] = [];
  let [last, inOrder] = [-1, true];
  for (const [j, key] of ours.entries()) {
    const i = places.get(key);
    if (i === undefined) {
      const where = `${match.name}: ${entries.name('ours', j)}`;
      deltas.push(onlyDelta('rebuilt', context.ours, match.ours, { at: j * size, size }, { where, field: 'entry' }));
      continue;
    }
    places.delete(key);
    inOrder &&= i > last;
    last = i;
    const same = entries.same(i, j);
    if (!same || !isEqualEntry(match, context, size, i, j)) {
      deltas.push(entryDelta(match, entries, i, j, same, context));
    }
  }
  for (const i of places.values()) {
    const where = `${match.name}: ${entries.name('theirs', i)}`;
    deltas.push(onlyDelta('released', context.theirs, match.theirs, { at: i * size, size }, { where, field: 'entry' }));
  }
  return inOrder ? deltas : [wholeDelta(match, context, { order: true }), ...deltas];
}

function isEqualEntry(
  match: SectionMatch,
  { theirs, ours }: TableContext,
  size: number,
  i: number,
  j: number,
): boolean {
  const [a, b] = [theirs.bytes(match.theirs), ours.bytes(match.ours)];
  return a.compare(b, j * size, (j + 1) * size, i * size, (i + 1) * size) === 0;
}

function numbered(keys: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return keys.map((key) => {
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return `${key}\0${count}`;
  });
}

function wholeDelta(match: SectionMatch, context: TableContext, { order = false }): Delta {
  const piece = { theirs: 0, theirsSize: match.theirs.size, ours: 0, oursSize: match.ours.size };
  const told = order ? { where: `${match.name}: order`, field: 'order' } : { where: match.name, field: 'data' };
  return sectionDelta(context, match, piece, told);
}
