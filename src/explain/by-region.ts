/** Lists where two covers differ: every byte of the released file is in an equal region or in a delta. */
import { partsOf } from '../ledger/cover.ts';
import type { LedgerRegion, Member } from '../ledger/types.ts';
import { commonEnds, isEqual, unequal } from '../platform/unequal.ts';
import type { View } from '../platform/view.ts';
import { displaced } from './displaced.ts';
import type { Delta, Side, Span } from './types.ts';

/** Contents of members are left to the pairs of what lies inside. */
export async function byRegion(released: Side, rebuilt: Side): Promise<Delta[]> {
  const both = {
    format: released.reading.format,
    released: { view: released.view, members: membersOf(released) },
    rebuilt: { view: rebuilt.view, members: membersOf(rebuilt) },
  };
  return compareCovers(both, released.reading.regions, rebuilt.reading.regions);
}

interface Part {
  readonly view: View;
  /** Keys of all members, and of those whose content is compared as a file of its own. */
  readonly members: ReadonlyMap<string, boolean>;
}

interface Both {
  readonly format: string;
  readonly released: Part;
  readonly rebuilt: Part;
}

function membersOf({ reading }: Side): ReadonlyMap<string, boolean> {
  // Only files are paired: where a link leads stands in the content of a zip entry, and is compared here.
  const isPaired = ({ type, stored }: Member): boolean => type === 'file' && stored !== undefined;
  return new Map(reading.members.map((member) => [member.key, isPaired(member)]));
}

async function compareCovers(
  both: Both,
  theirs: readonly LedgerRegion[],
  ours: readonly LedgerRegion[],
): Promise<Delta[]> {
  const [left, right] = [keyed(theirs), keyed(ours)];
  const deltas: Delta[] = [];
  for (const [key, region] of left) {
    const other = right.get(key);
    if (other !== undefined) deltas.push(...(await compareRegions(both, region, other)));
  }
  const missing = [...left].filter(([key]) => !right.has(key)).map(([, region]) => region);
  const extra = [...right].filter(([key]) => !left.has(key)).map(([, region]) => region);
  return [
    ...oneSided(missing, 'released', both.rebuilt.members),
    ...oneSided(extra, 'rebuilt', both.released.members),
    ...deltas,
    ...inOtherOrder(left, right),
  ];
}

/** By name; regions of one name, which a reader may give to what has none, in order. */
function keyed(regions: readonly LedgerRegion[]): Map<string, LedgerRegion> {
  const keys = new Map<string, LedgerRegion>();
  const seen = new Map<string, number>();
  for (const region of regions) {
    const count = seen.get(region.name) ?? 0;
    seen.set(region.name, count + 1);
    keys.set(count === 0 ? region.name : `${region.name}\0${count}`, region);
  }
  return keys;
}

async function compareRegions(both: Both, theirs: LedgerRegion, ours: LedgerRegion): Promise<Delta[]> {
  if (isInner(both, theirs) && isInner(both, ours)) return [];
  const left = both.released.view.slice(theirs.at, theirs.size);
  const right = both.rebuilt.view.slice(ours.at, ours.size);
  if (isEqual(left, right)) return [];
  const [parts, others] = [partsOf(both.format, theirs), partsOf(both.format, ours)];
  if (parts !== undefined && others !== undefined) return compareCovers(both, parts, others);
  return regionDeltas(theirs, ours, left, right);
}

function isInner(both: Both, region: LedgerRegion): boolean {
  // What has one content only, as gzip, has a member without a name.
  const { member = '' } = region;
  if (region.field !== 'content') return false;
  return both.released.members.get(member) === true && both.rebuilt.members.get(member) === true;
}

/** Short fields whole, with their values; long ones where they differ. */
const wholeUpTo = 64;

/** Of one region on both sides, which is not equal. */
export async function regionDeltas(
  theirs: LedgerRegion,
  ours: LedgerRegion,
  left: View,
  right: View,
): Promise<Delta[]> {
  const base = { where: theirs.name, field: theirs.field, class: theirs.class, ...memberOf(theirs) };
  const told = theirs.value !== undefined || ours.value !== undefined;
  if (told || Math.max(left.size, right.size) <= wholeUpTo) {
    const bytes = left.size === right.size ? (await unequal(left, right)).bytes : Math.max(left.size, right.size);
    return [{ ...base, released: spanOf(theirs), rebuilt: spanOf(ours), bytes }];
  }
  if (left.size === right.size) {
    const { runs } = await unequal(left, right);
    return runs.map((run) => ({
      ...base,
      released: { at: theirs.at + run.at, size: run.size },
      rebuilt: { at: ours.at + run.at, size: run.size },
      bytes: run.unequal,
    }));
  }
  const { start, end } = commonEnds(left, right);
  const [a, b] = [left.size - start - end, right.size - start - end];
  return [
    {
      ...base,
      released: { at: theirs.at + start, size: a },
      rebuilt: { at: ours.at + start, size: b },
      bytes: Math.max(a, b),
    },
  ];
}

function spanOf({ at, size, value }: LedgerRegion): Span {
  return { at, size, ...(value === undefined ? {} : { text: value }) };
}

function memberOf({ member }: LedgerRegion): { readonly member?: string } {
  return member === undefined ? {} : { member };
}

/** A member that the other side lacks is one delta; any other region that it lacks is one each. */
function oneSided(
  regions: readonly LedgerRegion[],
  side: 'released' | 'rebuilt',
  others: ReadonlyMap<string, boolean>,
): Delta[] {
  const deltas: Delta[] = [];
  const whole = new Map<string, { at: number; size: number }>();
  for (const region of regions) {
    const { member } = region;
    if (member !== undefined && !others.has(member)) {
      const span = whole.get(member) ?? { at: region.at, size: 0 };
      whole.set(member, { at: Math.min(span.at, region.at), size: span.size + region.size });
      continue;
    }
    const { name: where, field, class: kind, size: bytes } = region;
    deltas.push({ where, field, class: kind, ...memberOf(region), [side]: spanOf(region), bytes });
  }
  for (const [member, span] of whole) {
    deltas.push({ where: member, field: 'member', class: 'content', member, [side]: span, bytes: span.size });
  }
  return deltas;
}

/** What both have, in another order. */
function inOtherOrder(left: ReadonlyMap<string, LedgerRegion>, right: ReadonlyMap<string, LedgerRegion>): Delta[] {
  const places = new Map([...right.keys()].map((key, index) => [key, index]));
  const common = [...left].filter(([key]) => places.has(key));
  const moved = displaced(common.map(([key]) => places.get(key) ?? 0)).map((index) => common[index]?.[1]);
  const regions = moved.filter((region) => region !== undefined);
  const [first] = regions;
  if (first === undefined) return [];
  const other = right.get(first.name) ?? first;
  const bytes = regions.reduce((sum, { size }) => sum + size, 0);
  return [
    {
      where: `order, from ${first.member ?? first.name} on`,
      field: 'order',
      class: 'structure',
      released: { at: first.at, size: first.size },
      rebuilt: { at: other.at, size: other.size },
      bytes,
    },
  ];
}
