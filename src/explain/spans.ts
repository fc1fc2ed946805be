/** What the finders of causes read of deltas. */
import type { Account, Delta, Pair, Side, Span } from './types.ts';

/** A delta that both sides have. */
export interface TwoSided extends Delta {
  readonly released: Span;
  readonly rebuilt: Span;
}

export function isTwoSided(delta: Delta): delta is TwoSided {
  return delta.released !== undefined && delta.rebuilt !== undefined;
}

/** Longer ones are nothing that a finder reads whole. */
const longest = 16 * 1024 * 1024;

/** The bytes of a span; undefined if there are too many, or none where it points. */
export function bytesAt({ view }: Side, span: Span): Buffer | undefined {
  return span.size > longest || span.at + span.size > view.size ? undefined : view.read(span.at, span.size);
}

/** The bytes that stand on both sides. */
export function bothBytes(pair: Pair, delta: Delta): readonly [released: Buffer, rebuilt: Buffer] | undefined {
  if (!isTwoSided(delta)) return undefined;
  const [theirs, ours] = [bytesAt(pair.released, delta.released), bytesAt(pair.rebuilt, delta.rebuilt)];
  return theirs === undefined || ours === undefined ? undefined : [theirs, ours];
}

/** One account for what was proved and one for what is only suspected; none for nothing. */
export function accountsOf(
  claims: readonly (readonly [delta: Delta, isProved: boolean])[],
  tell: (deltas: readonly Delta[]) => Pick<Account, 'summary' | 'fix'>,
): Account[] {
  return ([true, false] as const).flatMap((proved) => {
    const deltas = claims.filter(([, isProved]) => isProved === proved).map(([delta]) => delta);
    if (deltas.length === 0) return [];
    return [{ claims: deltas, certainty: proved ? ('proved' as const) : ('suspected' as const), ...tell(deltas) }];
  });
}

/** `7 entries`, by the members that the deltas belong to. */
export function countEntries(deltas: readonly Delta[]): string {
  const members = new Set(deltas.map(({ member, where }) => member ?? where));
  return members.size === 1 ? 'one entry' : `${members.size} entries`;
}

/** `2` where all have one value, `14 different ones, 2 to 99` else. */
export function spread(deltas: readonly Delta[], side: 'released' | 'rebuilt'): string {
  const values = [...new Set(deltas.map((delta) => delta[side]?.text ?? 'none'))].toSorted();
  const [first = 'none'] = values;
  if (values.length === 1) return shortened(first);
  return `${values.length} different ones from ${shortened(first)} to ${shortened(values.at(-1) ?? first)}`;
}

/** `a, b and 3 more`. */
export function listed(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).map((name) => shortened(name));
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/** Text from a file, as it fits into a sentence. */
export function shortened(text: string, most = 80): string {
  return text.length <= most ? text : `${text.slice(0, most - 3)}...`;
}
