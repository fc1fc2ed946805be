/** Compares two ELF files by what their parts mean: functions, strings, symbols, notes, headers. */
import { sectionTypes } from '../../format/elf.ts';
import type { LedgerRegion } from '../../ledger/types.ts';
import { bufferView } from '../../platform/view.ts';
import { isEqual } from '../../platform/unequal.ts';
import { byRegion, regionDeltas } from '../by-region.ts';
import type { Delta, Differ, Side } from '../types.ts';
import { addressesOf } from './elf/addresses.ts';
import type { CodeContext } from './elf/code.ts';
import { codeDeltas } from './elf/code-deltas.ts';
import { holds } from './elf/cover.ts';
import type { DataContext } from './elf/data.ts';
import { dataDeltas } from './elf/data-deltas.ts';
import { headerDeltas } from './elf/header-deltas.ts';
import { type Image, imageOf } from './elf/image.ts';
import { matchSections, type SectionMatch } from './elf/matches.ts';
import { noteDeltas } from './elf/note-deltas.ts';
import { tableDeltas } from './elf/table-deltas.ts';
import type { TableContext } from './elf/table-context.ts';

/** Larger ones are told region by region: their sections are held in memory here. */
const largest = 64 * 1024 * 1024;

/** Of a segment and a section: each is asked whether it lies in the other. */
const mostPairs = 4_000_000;

export const elf: Differ = async (released, rebuilt) => {
  if (Math.max(released.view.size, rebuilt.view.size) > largest) return byRegion(released, rebuilt);
  return compare(held(released), held(rebuilt));
};

/** Each byte is looked at several times. */
function held({ view, reading }: Side): Side {
  return { view: bufferView(view.read(0, view.size)), reading };
}

async function compare(released: Side, rebuilt: Side): Promise<Delta[]> {
  const [theirs, ours] = [imageOf(released), imageOf(rebuilt)];
  const comparable = theirs.elf.machine === ours.elf.machine && theirs.elf.bits === ours.elf.bits;
  const huge = [theirs, ours].some(({ elf: one }) => one.segments.length * one.sections.length > mostPairs);
  if (!comparable || huge || theirs.elf.little !== ours.elf.little || theirs.byName.size === 0) {
    return byRegion(released, rebuilt);
  }
  const matches = matchSections(theirs, ours);
  const found = [...headerDeltas(contextOf(theirs, ours, matches)), ...sectionDeltas(theirs, ours, matches)];
  const told = new Set(matches.filter(({ kind }) => kind !== 'nothing').map(({ name }) => name));
  return complete(released, rebuilt, told, found);
}

function contextOf(theirs: Image, ours: Image, matches: readonly SectionMatch[]): TableContext {
  const addresses = addressesOf(theirs, ours, matches);
  return { theirs, ours, addresses, matches: new Map(matches.map((match) => [match.name, match])) };
}

function sectionDeltas(theirs: Image, ours: Image, matches: readonly SectionMatch[]): Delta[] {
  const context = contextOf(theirs, ours, matches);
  const references = new Set<number>();
  const code: CodeContext = { ...context, refer: (address) => void references.add(address) };
  const deltas: Delta[] = [];
  // Code first: it tells where tables start.
  for (const match of matches) if (match.kind === 'code') deltas.push(...codeDeltas(match, code));
  const data: DataContext = { ...context, references: [...references].toSorted((a, b) => a - b) };
  for (const match of matches) deltas.push(...otherDeltas(match, context, data));
  return deltas;
}

function otherDeltas(match: SectionMatch, context: TableContext, data: DataContext): Delta[] {
  if (match.kind === 'data') return dataDeltas(match, data);
  if (match.kind !== 'table') return [];
  return match.ours.type === sectionTypes.note ? noteDeltas(match, context) : tableDeltas(match, context);
}

/** Regions that were not told finer, and those whose deltas leave a byte out, are told as they are. */
async function complete(
  released: Side,
  rebuilt: Side,
  told: ReadonlySet<string>,
  found: readonly Delta[],
): Promise<Delta[]> {
  const [left, right] = [released.reading.regions, rebuilt.reading.regions].map(
    (regions) => new Map(regions.map((region) => [region.name, region])),
  ) as [Map<string, LedgerRegion>, Map<string, LedgerRegion>];
  const deltas: Delta[] = [];
  const placed = bySide(found, left, right);
  for (const [name, region] of left) {
    const other = right.get(name);
    if (other === undefined) {
      deltas.push(oneSided('released', region));
      continue;
    }
    const own = placed.get(name) ?? [];
    const fine = told.has(name) || tables.has(name);
    if (fine && holds(released.view, rebuilt.view, region, other, own)) deltas.push(...own);
    else deltas.push(...(await whole(released, rebuilt, region, other)));
  }
  for (const [name, region] of right) if (!left.has(name)) deltas.push(oneSided('rebuilt', region));
  return deltas;
}

const tables: ReadonlySet<string> = new Set(['ELF header', 'program headers', 'section headers']);

async function whole(released: Side, rebuilt: Side, region: LedgerRegion, other: LedgerRegion): Promise<Delta[]> {
  const [a, b] = [released.view.slice(region.at, region.size), rebuilt.view.slice(other.at, other.size)];
  if (isEqual(a, b)) return [];
  const deltas = await regionDeltas(region, other, a, b);
  return region.class === 'padding' ? deltas.map((delta) => ({ ...delta, class: 'derived' })) : deltas;
}

/** Padding was checked to be zero, so that it follows from where its neighbours lie. */
function oneSided(side: 'released' | 'rebuilt', { name, field, class: kind, at, size }: LedgerRegion): Delta {
  return {
    where: name,
    field: kind === 'debug' || kind === 'metadata' || kind === 'content' ? 'section' : field,
    class: kind === 'padding' ? 'derived' : kind,
    [side]: { at, size },
    bytes: size,
  };
}

/** Deltas by the region that they lie in. */
function bySide(
  deltas: readonly Delta[],
  left: ReadonlyMap<string, LedgerRegion>,
  right: ReadonlyMap<string, LedgerRegion>,
): Map<string, Delta[]> {
  const [theirs, ours] = [[...left.values()], [...right.values()]];
  const placed = new Map<string, Delta[]>();
  for (const delta of deltas) {
    const span = delta.released ?? delta.rebuilt;
    const regions = delta.released === undefined ? ours : theirs;
    const name = span === undefined ? undefined : regionAt(regions, span.at)?.name;
    if (name === undefined) continue;
    const held = placed.get(name);
    if (held === undefined) placed.set(name, [delta]);
    else held.push(delta);
  }
  return placed;
}

function regionAt(regions: readonly LedgerRegion[], at: number): LedgerRegion | undefined {
  let [low, high] = [0, regions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((regions[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return regions[low - 1];
}
