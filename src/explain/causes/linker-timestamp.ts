import { accountsOf, bothBytes, spread } from '../spans.ts';
import type { CauseFinder, Delta, Pair } from '../types.ts';

const stampFields: ReadonlySet<string> = new Set([
  'time stamp',
  'debug time stamp',
  'export time stamp',
  'resource time stamp',
]);

/** Seconds since 1970 that a linker of this format can have written; 0 is none. */
const earliest = Date.UTC(1993, 0) / 1000;

/** Time stamps of a linker of PE files. The checksum follows from them, and its reader checks that. */
export const linkerTimestamp: CauseFinder = {
  formats: ['pe'],
  find(pair, open) {
    if (areHashes(pair)) return [];
    const stamps = open.flatMap((delta) => {
      const pairOf = stampFields.has(delta.field) ? stampsOf(pair, delta) : undefined;
      return pairOf === undefined ? [] : [{ delta, ...pairOf }];
    });
    const links = stamps.filter(({ delta }) => delta.field !== 'resource time stamp');
    const [first] = links;
    // One link writes one time everywhere.
    const isOneLink = links.every(({ theirs, ours }) => theirs === first?.theirs && ours === first.ours);
    return accountsOf(
      stamps.map(({ delta }) => [delta, isOneLink && delta.field !== 'resource time stamp']),
      (deltas) => ({
        summary: tell(deltas),
        fix: 'ld --no-insert-timestamp (-Wl,--no-insert-timestamp), or link /Brepro; both sides with the same',
      }),
    );
  },
};

/** A reproducible link writes a hash of the content where the time stood. */
function areHashes({ released, rebuilt }: Pair): boolean {
  return [released, rebuilt].some(({ reading }) => reading.facts['reproducible'] === 'yes');
}

/** Undefined for what can be no time. */
function stampsOf(pair: Pair, delta: Delta): { readonly theirs: number; readonly ours: number } | undefined {
  const [theirs, ours] = (bothBytes(pair, delta) ?? []).map((bytes) => (bytes.length === 4 ? bytes.readUInt32LE() : 1));
  if (theirs === undefined || ours === undefined) return undefined;
  return [theirs, ours].every((stamp) => stamp === 0 || stamp >= earliest) ? { theirs, ours } : undefined;
}

function tell(deltas: readonly Delta[]): string {
  return `linked ${spread(deltas, 'released')} released, ${spread(deltas, 'rebuilt')} rebuilt`;
}
