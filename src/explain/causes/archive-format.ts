import { isMode, modesOf } from '../encoders/mode.ts';
import { accountsOf, bothBytes, bytesAt, countEntries, isTwoSided, listed, shortened } from '../spans.ts';
import type { CauseFinder, Delta, Pair } from '../types.ts';

/** How the archive was written, where the entries say the same. */
export const archiveFormat: CauseFinder = {
  find(pair, open) {
    if (!archives.has(pair.format)) return [];
    const shared = sharedKeys(pair);
    const claims = open.flatMap((delta): [Delta, boolean][] => {
      const certainty = judge(pair, delta, shared);
      return certainty === undefined ? [] : [[delta, certainty === 'proved']];
    });
    const fix = fixes[pair.format];
    return accountsOf(claims, (deltas) => ({ summary: tell(deltas), ...(fix === undefined ? {} : { fix }) }));
  },
};

const archives: ReadonlySet<string> = new Set(['tar', 'zip', 'ar']);

const fixes: Readonly<Record<string, string>> = {
  tar: 'write it with the same program and tar --format=gnu, ustar or posix (--pax-option=delete=atime,delete=ctime)',
  zip: 'write it with the same program; zip -X leaves out extra fields',
};

type Judgement = 'proved' | 'suspected' | undefined;

function judge(pair: Pair, delta: Delta, shared: ReadonlySet<string>): Judgement {
  if (isZeros(pair, delta) || isSpelling(delta) || isSameMode(pair, delta)) return 'proved';
  if (pair.format === 'zip') return zipJudgement(pair, delta);
  if (pair.format === 'tar') return tarJudgement(delta, shared);
  return /^(?:long )?name$/.test(delta.field) && shared.has(delta.member ?? '') ? 'suspected' : undefined;
}

/** More or less padding. */
function isZeros(pair: Pair, delta: Delta): boolean {
  if (delta.class !== 'padding') return false;
  return (['released', 'rebuilt'] as const).every((side) => {
    const span = delta[side];
    return span === undefined || bytesAt(pair[side], span)?.every((byte) => byte === 0) === true;
  });
}

/** With and without the bits that say that it is a plain file. */
function isSameMode(pair: Pair, delta: Delta): boolean {
  const modes = isMode(delta) ? modesOf(pair, delta) : undefined;
  return modes !== undefined && modes[0] === modes[1];
}

/** One number, written in two ways. */
function isSpelling({ field, released, rebuilt }: Delta): boolean {
  if (!/^(?:pax header |global pax header )?(?:mode|uid|gid|size|mtime|chksum|type|devmajor|devminor)$/.test(field))
    return false;
  return released?.text !== undefined && released.text === rebuilt?.text;
}

function tarJudgement(delta: Delta, shared: ReadonlySet<string>): Judgement {
  const { field } = delta;
  if (/(?:^| header )magic$/.test(field)) return isTwoSided(delta) ? 'proved' : 'suspected';
  if (field === 'prefix' || field === 'name') return shared.has(delta.member ?? '') ? 'proved' : undefined;
  // A process id or a fixed word, which no reader looks at.
  if (/^(?:global )?pax header (?:name|mode)$/.test(field)) return isTwoSided(delta) ? 'suspected' : undefined;
  if (isTwoSided(delta)) return undefined;
  return /^pax (?:header|padding|[amc]time|uid|gid|uname|gname|size|path|linkpath)$|^long (?:name|link)(?: header| padding)?$|^unused$/.test(
    field,
  )
    ? 'suspected'
    : undefined;
}

/**
 * Members are matched by their names, without `./`: where both sides have one, nothing but that and the
 * split in two fields is left.
 */
function sharedKeys({ released, rebuilt }: Pair): ReadonlySet<string> {
  const keys = new Set(rebuilt.reading.members.map(({ key }) => key));
  return new Set(released.reading.members.map(({ key }) => key).filter((key) => keys.has(key)));
}

/** Extra fields with times, owners, sizes and alignment: APPNOTE 4.5, Info-ZIP's extrafld.txt, jar, zipalign. */
const knownExtras = /^(?:central )?extra 0x(?:5455|7875|5855|000a|0001|cafe|d935)$/i;
/** APPNOTE 4.4.4: effort, data descriptor, UTF-8; never encryption. */
const harmlessFlags = 0x080e;

function zipJudgement(pair: Pair, delta: Delta): Judgement {
  const { field } = delta;
  const plain = field.replace(/^central /, '');
  if (/^(?:version made by|version needed|internal attributes)$/.test(plain)) return 'suspected';
  if (plain.startsWith('descriptor')) return 'suspected';
  // Opaque is what is not made as its kind says, and may hold anything.
  if (knownExtras.test(field)) return delta.class === 'opaque' ? undefined : 'suspected';
  if (!isTwoSided(delta))
    return /^(?:extended (?:mtime|atime|ctime)|unix (?:uid|gid))$/.test(plain) ? 'suspected' : undefined;
  if (plain !== 'flags') return undefined;
  const [theirs, ours] = (bothBytes(pair, delta) ?? []).map((bytes) =>
    bytes.length === 2 ? bytes.readUInt16LE() : NaN,
  );
  return (((theirs ?? NaN) ^ (ours ?? NaN)) & ~harmlessFlags) === 0 && theirs !== ours ? 'suspected' : undefined;
}

function tell(deltas: readonly Delta[]): string {
  const fields = [...new Set(deltas.map(({ field }) => field))];
  const [first] = deltas;
  const values = `${shortened(first?.released?.text ?? 'other')} released, ${shortened(first?.rebuilt?.text ?? 'other')} rebuilt`;
  return `another variant of the archive format in ${countEntries(deltas)}: ${listed(fields, 5)}${fields.length === 1 ? ` ${values}` : ''}`;
}
