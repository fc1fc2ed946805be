import { type MachOHeader, loadCommands, machOFields, machOHeader } from '../../format/mach-o.ts';
import { isEqual } from '../../platform/unequal.ts';
import { isZero } from '../../platform/view.ts';
import type { CauseFinder, Delta, Pair, Side, Span } from '../types.ts';

/**
 * Files of which one is signed, or each by another. What a signature needs in the headers is claimed with
 * it if it is what that signature needs. No digest in a signature is checked here, so it is never proved.
 */
export const signature: CauseFinder = {
  formats: ['pe', 'mach-o'],
  find(pair, open) {
    if (!pair.deltas.some(({ class: kind }) => kind === 'signature')) return [];
    const follows = pair.format === 'pe' ? followsInPe(pair) : followsInMachO(pair);
    const claims = open.filter((delta) => delta.class === 'signature' || isEmpty(pair, delta) || follows(delta));
    if (!claims.some(({ class: kind }) => kind === 'signature')) return [];
    const claimed = new Set(claims);
    const rest = pair.deltas.filter((delta) => !claimed.has(delta)).length;
    const left = rest === 0 ? 'nothing else differs' : `${rest} other places differ`;
    const summary = `${who(pair)}; ${left}; whether it is of this content was not checked`;
    return [
      {
        claims,
        certainty: 'suspected',
        summary,
        fix: 'compare with a released file that is not signed, or sign the rebuilt one',
      },
    ];
  },
};

function who({ released, rebuilt }: Pair): string {
  const [theirs, ours] = [released, rebuilt].map(({ reading }) => reading.facts['signed'] === 'yes');
  if (theirs === true && ours === true) return 'both are signed, with other signatures';
  return theirs === true ? 'the released file is signed, ours is not' : 'our file is signed, the released one is not';
}

const rooms: ReadonlySet<string> = new Set(['gap', 'signature alignment', 'certificate padding', 'signature padding']);

/** Room between and behind parts that is zero on both sides. */
function isEmpty({ released, rebuilt }: Pair, delta: Delta): boolean {
  if (delta.class !== 'padding' || !rooms.has(delta.field)) return false;
  const holds = ({ view }: Side, span: Span | undefined): boolean =>
    span === undefined || (span.at + span.size <= view.size && isZero(view, span.at, span.size));
  return holds(released, delta.released) && holds(rebuilt, delta.rebuilt);
}

/** The reader has held the entry against the table. */
function followsInPe(pair: Pair): (delta: Delta) => boolean {
  const fits = pair.released.reading.facts['checksum'] === 'fits';
  const lengthened = isLengthened(pair);
  return ({ field }) =>
    field === 'security directory' || (fits && field === 'checksum') || (lengthened && field === 'overlay');
}

/** Signers fill the file up to a multiple of 8 bytes, and behind an overlay that is a part of it. */
function isLengthened({ released, rebuilt }: Pair): boolean {
  const overlayOf = ({ reading }: Side): Span | undefined => reading.regions.find(({ field }) => field === 'overlay');
  const [theirs, ours] = [overlayOf(released), overlayOf(rebuilt)];
  if (theirs === undefined || ours === undefined) return false;
  const more = theirs.size - ours.size;
  if (more <= 0 || more >= 8 || (theirs.at + theirs.size) % 8 !== 0) return false;
  const same = isEqual(released.view.slice(theirs.at, ours.size), rebuilt.view.slice(ours.at, ours.size));
  return same && isZero(released.view, theirs.at + ours.size, more);
}

const commandSize = 16;

/** One load command more, and a last segment that reaches to the signature's end. */
function followsInMachO({ released, rebuilt }: Pair): (delta: Delta) => boolean {
  const [theirs, ours] = [signing(released), signing(rebuilt)];
  const more = Number(theirs.signed) - Number(ours.signed);
  const added = theirs.count - ours.count === more && theirs.size - ours.size === more * commandSize;
  return ({ field, where }) => {
    if (where.startsWith('code signature command: ')) return true;
    if (field === 'command count' || field === 'commands size') return added;
    const sized = where === 'segment __LINKEDIT: file size' || where === 'segment __LINKEDIT: memory size';
    return sized && theirs.isSound && ours.isSound;
  };
}

interface Signing {
  readonly signed: boolean;
  readonly count: number;
  readonly size: number;
  /** Whether the last segment ends where the file does, and takes as many pages as it needs. */
  readonly isSound: boolean;
}

function signing({ view }: Side): Signing {
  const header = machOHeader(view);
  return {
    signed: header.commands.some(({ type }) => type === loadCommands.codeSignature),
    count: header.commands.length,
    size: header.commandsEnd - header.size,
    isSound: isLastSegmentSound(view, header),
  };
}

/** Of either kind of processor; some linkers do not round. */
const pages = [1, 4096, 16_384];

function isLastSegmentSound(view: Side['view'], header: MachOHeader): boolean {
  const file = machOFields(view, header);
  const segment = header.commands.find(
    ({ at, type }) =>
      (type === loadCommands.segment64 || type === loadCommands.segment) && file.name(at + 8, 16) === '__LINKEDIT',
  );
  if (segment === undefined) return false;
  const wide = segment.type === loadCommands.segment64;
  const word = (index: number): number =>
    wide ? file.u64(segment.at + 24 + index * 8) : file.u32(segment.at + 24 + index * 4);
  const [memory, at, size] = [word(1), word(2), word(3)];
  return at + size === view.size && pages.some((page) => memory === Math.ceil(size / page) * page);
}
