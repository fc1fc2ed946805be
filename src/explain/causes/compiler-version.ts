import type { CauseFinder } from '../types.ts';
import { codeAmong, followsFromCompiler, firstBy } from './elf-deltas.ts';

/** Another compiler, as it says of itself; what it makes otherwise is not computed again. */
export const compilerVersion: CauseFinder = {
  formats: ['elf'],
  find(_pair, open) {
    const told = open.filter(({ field }) => field === 'compiler');
    const [first] = told.toSorted((a, b) => (a.released?.text ?? '').length - (b.released?.text ?? '').length);
    if (first === undefined) return [];
    const [theirs, ours] = [first.released, first.rebuilt].map((one) => one?.text?.slice(0, 80) || 'none');
    const claims = firstBy(
      open.filter((delta) => followsFromCompiler(delta) && delta.field !== 'flag'),
      told,
    );
    const summary = `compiled by ${theirs} instead of ${ours}${codeAmong(claims)}`;
    return [{ claims, certainty: 'suspected', summary, fix: `build with ${theirs}` }];
  },
};
