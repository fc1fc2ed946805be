import type { CauseFinder } from '../types.ts';

/**
 * The same functions and data in another order, and all that refers to them refers to the same ones:
 * what does not is told as a change of its own, and then the order is not proved to be without effect.
 */
export const linkOrder: CauseFinder = {
  formats: ['elf'],
  find(_pair, open) {
    const claims = open.filter(({ field }) => field === 'order');
    if (claims.length === 0) return [];
    const rest = open.filter(({ field, class: kind }) => field !== 'order' && kind === 'content');
    const places = claims.map(({ where }) => where.replace(/: order$/, '')).slice(0, 6);
    const summary = `linked in another order: ${places.join(', ')}`;
    return [
      {
        claims,
        certainty: rest.length === 0 ? 'proved' : 'suspected',
        summary,
        fix: 'sort the files given to the linker',
      },
    ];
  },
};
