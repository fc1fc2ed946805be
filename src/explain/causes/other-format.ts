import type { CauseFinder } from '../types.ts';

export const otherFormat: CauseFinder = {
  find(_pair, open) {
    const claims = open.filter((delta) => delta.field === 'format');
    const [first] = claims;
    if (first === undefined) return [];
    const summary = `released as ${first.released?.text ?? '?'}, rebuilt as ${first.rebuilt?.text ?? '?'}`;
    return [{ claims, certainty: 'proved', summary }];
  },
};
