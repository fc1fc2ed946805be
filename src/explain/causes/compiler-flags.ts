import type { CauseFinder } from '../types.ts';
import { codeAmong, firstBy, flagTexts, followsFromCompiler, isCpuFlag } from './elf-deltas.ts';

/** Other flags, as the compiler recorded them; what they make otherwise is not computed again. */
export const compilerFlags: CauseFinder = {
  formats: ['elf'],
  find(_pair, open) {
    const told = open.filter((delta) => delta.field === 'flag' && !isCpuFlag(delta));
    const [first] = told;
    if (first === undefined) return [];
    const claims = firstBy(
      open.filter((delta) => followsFromCompiler(delta) && !isCpuFlag(delta)),
      told,
    );
    const summary = `other compiler flags: ${flagTexts(told)}${codeAmong(claims)}`;
    const wanted = told.map(({ released }) => released?.text ?? '').filter((text) => text !== '');
    const fix = wanted.length === 0 ? {} : { fix: [...new Set(wanted)].join(' ').slice(0, 200) };
    return [{ claims, certainty: 'suspected', summary, ...fix }];
  },
};
