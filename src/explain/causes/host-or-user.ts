import { andMore, tokenCause } from './token-cause.ts';

/** Never proved: a name that a program uses looks the same. */
export const hostOrUser = tokenCause('host-or-user', {
  summary: (first, distinct) => `built by or on ${first.released} instead of ${first.rebuilt}${andMore(distinct)}`,
  certainty: () => 'suspected',
});
