import { isProgramText } from '../lines.ts';
import { saysRevision, type TokenEdit } from '../tokens.ts';
import { andMore, tokenCause } from './token-cause.ts';

/** Another revision, or one with changes on top: then the source may be another too. */
export const vcsRevision = tokenCause('vcs-revision', {
  summary: (first, distinct) => `revision ${first.released} instead of ${first.rebuilt}${andMore(distinct)}`,
  certainty: (edits, pair) => {
    const few = new Set(edits.map(({ released }) => released)).size <= 2;
    return few && edits.every(isTold) && !isProgramText(pair) ? 'proved' : 'suspected';
  },
  fix: 'build from a clean checkout of the released revision',
});

/** A key in hex looks the same. */
function isTold({ released, rebuilt, before }: TokenEdit): boolean {
  return saysRevision(before) || [released, rebuilt].some((one) => /-g[\da-f]{7,40}(?:[-+]dirty)?$|dirty$/.test(one));
}
