import { type ElfNote, isBuildId, readNotes } from '../../../format/elf-notes.ts';
import type { Delta } from '../../types.ts';
import { type Images, sectionDelta } from './deltas.ts';
import type { SectionMatch } from './matches.ts';

/** Notes are paired in order; the section as a whole where they do not fit each other. */
export function noteDeltas(match: SectionMatch, images: Images): Delta[] {
  if (match.equal) return [];
  const [left, right] = [
    readNotes(images.theirs.view, images.theirs.elf, match.theirs),
    readNotes(images.ours.view, images.ours.elf, match.ours),
  ];
  const paired =
    left.length === right.length &&
    left.length > 0 &&
    left.every((note, index) => isSameKind(note, right[index]) && note.end - note.at > 0);
  if (!paired) {
    const whole = { theirs: 0, theirsSize: match.theirs.size, ours: 0, oursSize: match.ours.size };
    return [sectionDelta(images, match, whole, { where: match.name, field: 'note' })];
  }
  return left.flatMap((note, index) => noteDelta(match, images, note, right[index] ?? note));
}

function isSameKind(note: ElfNote, other: ElfNote | undefined): boolean {
  return other !== undefined && note.owner === other.owner && note.type === other.type;
}

function noteDelta(match: SectionMatch, images: Images, left: ElfNote, right: ElfNote): Delta[] {
  const [a, b] = [images.theirs.bytes(match.theirs), images.ours.bytes(match.ours)];
  if (a.subarray(left.at, left.end).equals(b.subarray(right.at, right.end))) return [];
  const id = isBuildId(right);
  const [theirs, ours] = [a.subarray(left.descriptionAt, left.end), b.subarray(right.descriptionAt, right.end)];
  const headed = a.subarray(left.at, left.descriptionAt).equals(b.subarray(right.at, right.descriptionAt));
  const [from, to] = headed ? [left.descriptionAt, right.descriptionAt] : [left.at, right.at];
  const piece = { theirs: from, theirsSize: left.end - from, ours: to, oursSize: right.end - to };
  const where = id ? 'build-id' : `${match.name}: ${left.owner} note ${left.type}`;
  const show = (bytes: Buffer): string => (id && right.owner === 'GNU' ? bytes.toString('hex') : textOf(bytes));
  const told = { where, field: id ? 'build-id' : 'note', texts: [show(theirs), show(ours)] as const };
  return [
    sectionDelta(images, match, piece, { ...told, ...(id && bothFit(images) ? { class: 'derived' as const } : {}) }),
  ];
}

/** Then it follows from the rest of the file, which is compared. */
function bothFit({ theirs, ours }: Images): boolean {
  return [theirs, ours].every(({ side }) => side.reading.facts['build-id fits'] === 'yes');
}

function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8').replace(/\0+$/, '');
  return /^[\x20-\x7e]*$/.test(text) ? text : bytes.toString('hex');
}
