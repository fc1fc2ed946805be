import { andMore, tokenCause } from './token-cause.ts';

/** Another revision, or one with changes on top: then the source may be another too. */
export const vcsRevision = tokenCause('vcs-revision', {
  summary: (first, distinct) => `revision ${first.released} instead of ${first.rebuilt}${andMore(distinct)}`,
  certainty: (edits) => (new Set(edits.map(({ released }) => released)).size <= 2 ? 'proved' : 'suspected'),
  fix: 'build from a clean checkout of the released revision',
});
