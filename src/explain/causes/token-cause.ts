import type { Certainty } from '../../model/difference.ts';
import type { CauseFinder, Pair } from '../types.ts';
import { type TokenDelta, tokenDeltas, type TokenEdit, type TokenKind } from '../tokens.ts';

/** A cause that is one token for another, in each place. */
export function tokenCause(
  kind: TokenKind,
  told: {
    summary(first: TokenEdit, distinct: number): string;
    certainty(edits: readonly TokenEdit[], pair: Pair): Certainty;
    readonly fix?: string;
  },
): CauseFinder {
  return {
    find(pair, open) {
      const found = tokenDeltas(pair, open, kind);
      const edits = found.flatMap((one) => one.edits.filter((edit) => edit.kind === kind));
      const [first] = edits;
      if (first === undefined) return [];
      const distinct = new Set(edits.map(({ released, rebuilt }) => `${released}\0${rebuilt}`)).size;
      const certainty = found.every(isPlain) ? told.certainty(edits, pair) : 'suspected';
      const claims = found.map(({ text }) => text.delta);
      const fix = told.fix === undefined ? {} : { fix: told.fix };
      return [{ claims, certainty, summary: told.summary(first, distinct), ...fix }];
    },
  };

  /** Of no other kind: what each of several kinds would need for a proof is not looked at together. */
  function isPlain({ edits }: TokenDelta): boolean {
    return edits.every((edit) => edit.kind === kind);
  }
}

export function andMore(distinct: number): string {
  return distinct === 1 ? '' : `, and ${distinct - 1} more`;
}
