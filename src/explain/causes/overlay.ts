import type { CauseFinder } from '../types.ts';

/** Bytes behind the end of a program: its loader does not read them, but the program may. */
export const overlay: CauseFinder = {
  find(_pair, open) {
    const claims = open.filter((delta) => delta.class === 'overlay');
    const [first] = claims;
    if (first === undefined) return [];
    const [theirs, ours] = [first.released?.size ?? 0, first.rebuilt?.size ?? 0];
    const summary = `bytes after the end of the program: ${theirs} released, ${ours} rebuilt`;
    return [{ claims, certainty: 'proved', summary }];
  },
};
