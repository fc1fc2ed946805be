import { andMore, tokenCause } from './token-cause.ts';

/** Never proved: what looks random may as well be a key. */
export const randomId = tokenCause('random-id', {
  summary: (first, distinct) => `the id ${first.released} instead of ${first.rebuilt}${andMore(distinct)}`,
  certainty: () => 'suspected',
});
