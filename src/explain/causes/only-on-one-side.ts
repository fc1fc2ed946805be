import type { Member } from '../../ledger/types.ts';
import { listed } from '../spans.ts';
import type { CauseFinder, Delta, Span } from '../types.ts';

/** Files that one side lacks: another source, or something that was put in or taken out afterwards. */
export const onlyOnOneSide: CauseFinder = {
  find(pair, open) {
    return (['released', 'rebuilt'] as const).flatMap((side) => {
      const claims = open.filter((delta) => delta.field === 'member' && delta[side] !== undefined);
      if (claims.length === 0) return [];
      const members = new Map(pair[side].reading.members.map((member) => [member.key, member]));
      const worst = claims.toSorted((a, b) => rank(members, b) - rank(members, a) || (a.where < b.where ? -1 : 1));
      const files = claims.length === 1 ? 'one file' : `${claims.length} files`;
      const summary = `${files} in the ${side} one only: ${listed(worst.map(({ where }) => where))}`;
      const evidence = worst.map((delta) => ({ where: delta.where, [side]: place(delta[side]) }));
      return [{ claims: worst, certainty: 'proved' as const, summary, evidence }];
    });
  },
};

const runs =
  /(?:^|\/)s?bin\/|\.(?:so|dll|exe|dylib|node|sh|ps1|bat|py|js|class|jar|service|timer)(?:\.[\d.]+)?$|(?:^|\/)(?:pre|post)(?:inst|rm)$/i;

/** What runs comes first, then what is large. */
function rank(members: ReadonlyMap<string, Member>, delta: Delta): number {
  const member = members.get(delta.member ?? delta.where);
  if (member === undefined || member.type === 'directory') return 0;
  const mode = Number.parseInt(member.fields['mode'] ?? '0', 8);
  const power = (mode & 0o6000) === 0 ? 0 : 4;
  const isRun = (mode & 0o111) !== 0 || runs.test(member.key) || member.type !== 'file';
  return power + (isRun ? 2 : 1);
}

function place(span: Span | undefined): { readonly at: number; readonly size: number } {
  return { at: span?.at ?? 0, size: span?.size ?? 0 };
}
