import type { LedgerRegion } from '../../ledger/types.ts';
import { collationOf } from '../encoders/collation.ts';
import type { CauseFinder, Pair } from '../types.ts';

const fixes: Readonly<Record<string, string>> = {
  tar: 'tar --sort=name',
  zip: 'find . | LC_ALL=C sort | zip -X -@',
  ar: 'hand the objects over in a fixed order: LC_ALL=C, $(sort $(wildcard *.o))',
};

/**
 * The same entries in another sequence. What one entry is made of has to stand in the same sequence on
 * both sides, and so has what belongs to no entry: else it is not the entries that moved.
 */
export const archiveOrder: CauseFinder = {
  find(pair, open) {
    const claims = open.filter(({ field }) => field === 'order');
    if (claims.length === 0 || !isOrderOfMembers(pair)) return [];
    const [theirs, ours] = [commonKeys(pair, 'released'), commonKeys(pair, 'rebuilt')];
    const same = theirs.every((key, index) => key === ours[index]);
    if (same || isOrderRead(pair, theirs, ours)) return [];
    const summary = `the same ${theirs.length} entries ${sequence('released', theirs)}, ${sequence('rebuilt', ours)}`;
    const fix = fixes[pair.format];
    const certainty = isOrderUsed(pair, theirs, ours) ? 'suspected' : 'proved';
    return [{ claims, certainty, summary, ...(fix === undefined ? {} : { fix }) }];
  },
};

/** A linker takes the first object that has what it looks for; some readers look at the first file alone. */
function isOrderUsed({ format }: Pair, [theirs = '']: readonly string[], [ours = '']: readonly string[]): boolean {
  if (format === 'ar') return true;
  return format === 'zip' && theirs !== ours && [theirs, ours].some((key) => /^(?:META-INF\/|mimetype$)/i.test(key));
}

/** What is unpacked is another thing in another order: entries behind a link, or a link before its file. */
function isOrderRead(pair: Pair, theirs: readonly string[], ours: readonly string[]): boolean {
  const keys = [...theirs, ...ours];
  if (keys.some((key) => key.split('/').includes('..'))) return true;
  const members = [...pair.released.reading.members, ...pair.rebuilt.reading.members];
  const links = new Set(members.filter(({ type }) => type === 'symlink').map(({ key }) => key));
  if (links.size > 0 && keys.some((key) => isBehind(key, links))) return true;
  const [left, right] = [placesOf(theirs), placesOf(ours)];
  const hard = members.filter(({ type }) => type === 'hardlink');
  return hard.some(({ key, fields }) => {
    const target = (fields['link'] ?? '').replace(/^(?:\.\/+)+/, '');
    return isBefore(left, key, target) !== isBefore(right, key, target);
  });
}

function isBehind(key: string, links: ReadonlySet<string>): boolean {
  for (let end = key.indexOf('/'); end !== -1; end = key.indexOf('/', end + 1)) {
    if (links.has(key.slice(0, end))) return true;
  }
  return false;
}

function placesOf(keys: readonly string[]): ReadonlyMap<string, number> {
  return new Map(keys.map((key, index) => [key, index]));
}

/** What is not in the archive comes before all that is. */
function isBefore(places: ReadonlyMap<string, number>, key: string, other: string): boolean {
  return (places.get(key) ?? -1) < (places.get(other) ?? -1);
}

function commonKeys(pair: Pair, side: 'released' | 'rebuilt'): string[] {
  const other = pair[side === 'released' ? 'rebuilt' : 'released'].reading.members;
  const keys = new Set(other.map(({ key }) => key));
  return pair[side].reading.members.map(({ key }) => key).filter((key) => keys.has(key));
}

function sequence(side: string, keys: readonly string[]): string {
  const collation = collationOf(keys);
  return collation === undefined ? `${side} in no sorted order, as a directory gives them` : `${side} by ${collation}`;
}

function isOrderOfMembers({ released, rebuilt }: Pair): boolean {
  const [theirs, ours] = [grouped(released.reading.regions), grouped(rebuilt.reading.regions)];
  return [...theirs].every(([member, fields]) => {
    const others = ours.get(member) ?? [];
    const [left, right] = [new Set(fields), new Set(others)];
    const [a, b] = [fields.filter((field) => right.has(field)), others.filter((field) => left.has(field))];
    return a.join('\0') === b.join('\0');
  });
}

function grouped(regions: readonly LedgerRegion[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { member, field } of regions) {
    // No member has a key that begins with a zero byte.
    const key = member ?? '\0none';
    const fields = groups.get(key);
    if (fields === undefined) groups.set(key, [field]);
    else fields.push(field);
  }
  return groups;
}
