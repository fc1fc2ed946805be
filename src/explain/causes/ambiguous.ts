import type { CauseFinder } from '../types.ts';

/** An archive that two readers could read in two ways, or that is damaged. */
export const ambiguous: CauseFinder = {
  find: ({ refused }, open) => (refused === undefined ? [] : [{ claims: open, certainty: 'proved', summary: refused }]),
};
