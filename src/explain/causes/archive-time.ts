import { dosSeconds } from '../../format/dos-time.ts';
import { isRewritten } from '../encoders/fields.ts';
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
    const padded = [...times, ...paddingOf(pair, times, open)];
    return accountsOf(
      padded.flatMap((delta): [Delta, boolean][] => {
        const proof = provedBy(pair, delta);
        return proof === undefined ? [] : [[delta, proof]];
      }),
      (deltas) => ({ summary: tell(deltas), ...(fix === undefined ? {} : { fix }) }),
    );
  },
};

/** A time with more digits takes more of the block that it stands in. */
function paddingOf(pair: Pair, times: readonly Delta[], open: readonly Delta[]): Delta[] {
  const members = new Set(times.filter(({ field }) => field.startsWith('pax ')).map(({ member }) => member));
  const isPadding = (delta: Delta): boolean => delta.field === 'pax padding' && members.has(delta.member);
  return pair.format === 'tar' ? open.filter((delta) => delta.class === 'padding' && isPadding(delta)) : [];
}

/** Undefined for bytes that are no time. */
function provedBy(pair: Pair, delta: Delta): boolean | undefined {
  // The reader has seen that it is zeros.
  if (delta.class === 'padding') return true;
  if (pair.format === 'directory') return false;
  const bytes = bothBytes(pair, delta);
  if (bytes === undefined) return undefined;
  if (pair.format !== 'zip') return isRewritten(pair.format, delta.field, ...bytes);
  const [theirs, ours] = bytes;
  if (delta.field.endsWith('extended mtime')) return isTimeRecord(theirs) && isTimeRecord(ours);
  return secondsOf(theirs) === undefined || secondsOf(ours) === undefined ? undefined : true;
}

function secondsOf(bytes: Buffer): number | undefined {
  return bytes.length === 4 ? dosSeconds(bytes.readUInt32LE()) : undefined;
}

/** Info-ZIP's extra field 0x5455: flags, and a number of four bytes for each time. */
function isTimeRecord(bytes: Buffer): boolean {
  const times = bytes.length - 5;
  return bytes.toString('hex', 0, 2) === '5554' && times % 4 === 0 && times <= 12 && (bytes[4] ?? 8) < 8;
}

function tell(all: readonly Delta[]): string {
  const deltas = all.filter((delta) => delta.class !== 'padding');
  const constant = new Set(deltas.map(({ released }) => released?.text)).size === 1 && deltas.length > 1;
  const epoch = constant ? ', the same in all, as SOURCE_DATE_EPOCH gives,' : '';
  return `times of ${countEntries(deltas)}: ${spread(deltas, 'released')} released${epoch === '' ? ',' : epoch} ${spread(deltas, 'rebuilt')} rebuilt`;
}

/** A zip holds local times: the same moment, written in two zones, differs by the same quarter hours everywhere. */
function timeZone(pair: Pair, times: readonly Delta[]): Account | undefined {
  if (pair.format !== 'zip' || times.length === 0) return undefined;
  let shift: number | undefined;
  for (const delta of times) {
    // It is in UTC: the moments differ.
    if (delta.field.endsWith('extended mtime')) return undefined;
    const [theirs, ours] = (bothBytes(pair, delta) ?? []).map(secondsOf);
    if (theirs === undefined || ours === undefined) return undefined;
    if (shift !== undefined && shift !== theirs - ours) return undefined;
    shift = theirs - ours;
  }
  if (shift === undefined || shift % 900 !== 0 || Math.abs(shift) > 14 * 3600) return undefined;
  const hours = `${shift < 0 ? '' : '+'}${shift / 3600}`;
  const summary = `times of ${countEntries(times)} differ by ${hours} hours everywhere: zip keeps local times, and the time zones differ`;
  return { claims: times, certainty: 'proved', summary, fix: 'TZ=UTC' };
}
