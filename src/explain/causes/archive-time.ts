import { isRewritten } from '../encoders/fields.ts';
import { dosSeconds } from '../encoders/dos-time.ts';
import { accountsOf, bothBytes, countEntries, isTwoSided, spread } from '../spans.ts';
import type { Account, CauseFinder, Delta, Pair } from '../types.ts';

/** Fields that hold a time and nothing else. */
const timeField = /^(?:.* )?(?:mtime|atime|ctime)$/;

const fixes: Readonly<Record<string, string>> = {
  tar: 'tar --mtime=@$SOURCE_DATE_EPOCH --clamp-mtime',
  zip: 'touch -d @$SOURCE_DATE_EPOCH on every file, then TZ=UTC zip -X',
  ar: 'ar D (ARFLAGS=Drcs), ranlib -D',
};

/** Times of an archive's entries; those of a gzip header belong to the compressor. */
export const archiveTime: CauseFinder = {
  find(pair, open) {
    if (pair.format === 'gzip') return [];
    const times = open.filter((delta) => isTwoSided(delta) && timeField.test(delta.field));
    const zone = timeZone(pair, times);
    if (zone !== undefined) return [zone];
    const fix = fixes[pair.format];
    return accountsOf(
      times.flatMap((delta): [Delta, boolean][] => {
        const proof = provedBy(pair, delta);
        return proof === undefined ? [] : [[delta, proof]];
      }),
      (deltas) => ({ summary: tell(deltas), ...(fix === undefined ? {} : { fix }) }),
    );
  },
};

/** Undefined for bytes that are no time. */
function provedBy(pair: Pair, delta: Delta): boolean | undefined {
  if (pair.format === 'directory') return false;
  const bytes = bothBytes(pair, delta);
  if (bytes === undefined) return undefined;
  if (pair.format !== 'zip') return isRewritten(pair.format, delta.field, ...bytes);
  const [theirs, ours] = bytes;
  if (/extended/.test(delta.field)) return theirs.length === ours.length && theirs.length === 4;
  return dosSeconds(theirs) === undefined || dosSeconds(ours) === undefined ? undefined : true;
}

function tell(deltas: readonly Delta[]): string {
  const constant = new Set(deltas.map(({ released }) => released?.text)).size === 1 && deltas.length > 1;
  const epoch = constant ? ', a constant as of SOURCE_DATE_EPOCH' : '';
  return `times of ${countEntries(deltas)}: ${spread(deltas, 'released')} released${epoch}, ${spread(deltas, 'rebuilt')} rebuilt`;
}

/** A zip holds local times: the same moment, written in two zones, differs by the same quarter hours everywhere. */
function timeZone(pair: Pair, times: readonly Delta[]): Account | undefined {
  if (pair.format !== 'zip' || times.length === 0) return undefined;
  let shift: number | undefined;
  for (const delta of times) {
    const [theirs, ours] = (bothBytes(pair, delta) ?? []).map(dosSeconds);
    if (theirs === undefined || ours === undefined) return undefined;
    if (shift !== undefined && shift !== theirs - ours) return undefined;
    shift = theirs - ours;
  }
  if (shift === undefined || shift % 900 !== 0 || Math.abs(shift) > 14 * 3600) return undefined;
  const hours = `${shift < 0 ? '' : '+'}${shift / 3600}`;
  const summary = `times of ${countEntries(times)} differ by ${hours} hours everywhere: zip keeps local times, and the time zones differ`;
  return { claims: times, certainty: 'proved', summary, fix: 'TZ=UTC' };
}
