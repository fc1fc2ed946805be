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
    const fix = 'sort the files given to the linker';
    const order = { claims, certainty: rest.length === 0 ? ('proved' as const) : ('suspected' as const), summary, fix };
    const debug = open.filter(({ field, class: kind }) => field !== 'order' && kind === 'debug');
    if (rest.length > 0 || debug.length === 0) return [order];
    // Debug information is in the order of the files too, but is not taken apart here.
    const told = 'debug information, in the order of the files that were linked';
    return [order, { claims: debug, certainty: 'suspected', summary: told, fix }];
  },
};
