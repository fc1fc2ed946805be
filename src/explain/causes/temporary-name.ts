import { andMore, tokenCause } from './token-cause.ts';

/** The name of a file of a moment; the made-up part is a few characters, and all else is equal. */
export const temporaryName = tokenCause('temporary-name', {
  summary: (first, distinct) => `the temporary name ${first.released} instead of ${first.rebuilt}${andMore(distinct)}`,
  certainty: () => 'proved',
});
