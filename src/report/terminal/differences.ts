import type { ArtifactVerdict, Difference, MemberDifference, Verdict } from '../../model/verdict.ts';
import { printable } from '../../format/printable.ts';
import { byteCount, field, paragraph } from './layout.ts';

/** Members that are shown for all artifacts together, so that the word stays on the screen. */
const shown = 20;

/** Where the files differ, worst first. */
export function differenceLines(verdict: Verdict, width: number): string {
  const differing = verdict.artifacts.filter((artifact) => artifact.difference !== undefined);
  const each = Math.max(3, Math.floor(shown / Math.max(differing.length, 1)));
  return differing.map((artifact) => oneDifference(artifact, each, width)).join('\n\n');
}

function oneDifference(artifact: ArtifactVerdict, limit: number, width: number): string {
  const { difference } = artifact;
  if (difference === undefined) return '';
  const members = (difference.members ?? []).toSorted(worstFirst);
  const more = members.length - limit;
  return [
    field('differs', artifact.name, width),
    field('', summary(difference), width),
    ...(difference.unread === undefined ? [] : [field('', `not looked inside: ${difference.unread}`, width)]),
    ...members.slice(0, limit).flatMap((member) => memberLines(member, width)),
    ...(more > 0 ? [`  and ${more} more; all of them: --json`] : []),
  ].join('\n');
}

function summary(difference: Difference): string {
  const members = difference.members === undefined ? '' : `, ${difference.members.length} members`;
  return `${byteCount(difference.bytes)}, the first at offset ${difference.firstOffset}${members}`;
}

function memberLines(member: MemberDifference, width: number): string[] {
  const head = `  ${member.change.padEnd(9)} ${byteCount(member.bytes).padStart(16)}  `;
  const name = printable(member.path);
  const lines = head.length + name.length <= width ? [head + name] : [head.trimEnd(), paragraph(member.path, width, 4)];
  const fields = (member.fields ?? []).map((changed) =>
    paragraph(`${changed.field}: released ${changed.released}, rebuilt ${changed.rebuilt}`, width, 6),
  );
  return [...lines, ...fields.slice(0, 4)];
}

function worstFirst(a: MemberDifference, b: MemberDifference): number {
  return rank(a) - rank(b) || b.bytes - a.bytes || (a.path < b.path ? -1 : 1);
}

/** A file that should not be there, or may now be run, is worse than any number of bytes. */
function rank(member: MemberDifference): number {
  if (member.change === 'added' || member.change === 'removed') return 0;
  if (member.fields?.some(({ field: name }) => grave.has(name)) === true) return 0;
  return member.change === 'changed' ? 1 : 2;
}

const grave = new Set(['mode', 'type', 'link', 'uid', 'gid', 'uname', 'gname']);
