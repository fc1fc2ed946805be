import type { Member } from '../../ledger/types.ts';
import type { Delta, Differ, Side } from '../types.ts';

/** Contents are compared as files of their own; here, what stands in the listing. */
export const directory: Differ = (released, rebuilt) => {
  const [theirs, ours] = [byKey(released), byKey(rebuilt)];
  const deltas: Delta[] = [];
  for (const [key, member] of theirs) {
    const other = ours.get(key);
    if (other === undefined) deltas.push(only('released', member));
    else deltas.push(...fields(member, other));
  }
  for (const [key, member] of ours) if (!theirs.has(key)) deltas.push(only('rebuilt', member));
  return deltas;
};

function byKey({ reading }: Side): Map<string, Member> {
  return new Map(reading.members.map((member) => [member.key, member]));
}

function only(side: 'released' | 'rebuilt', { key, size, type }: Member): Delta {
  const span = { at: 0, size, text: type };
  return { where: key, field: 'member', class: 'content', member: key, [side]: span, bytes: size };
}

/** What a listing says has no bytes of its own in the tree. */
function fields(theirs: Member, ours: Member): Delta[] {
  const names = [...new Set([...Object.keys(theirs.fields), ...Object.keys(ours.fields)])];
  return names.flatMap((field) => {
    const [left = '', right = ''] = [theirs.fields[field], ours.fields[field]];
    if (left === right) return [];
    const { key: member } = theirs;
    const spans = { released: { at: 0, size: 0, text: left }, rebuilt: { at: 0, size: 0, text: right } };
    return [{ where: `${member}: ${field}`, field, class: 'metadata', member, ...spans, bytes: 0 } satisfies Delta];
  });
}
