import type { CauseFinder } from '../types.ts';
import { codeAmong, firstBy, flagTexts, followsFromCompiler, isCpuFlag } from './elf-deltas.ts';

/** Compiled for other processors. Asked before the other flags, and takes what follows only if there are none. */
export const targetCpu: CauseFinder = {
  formats: ['elf'],
  find(_pair, open) {
    const told = open.filter(isCpuFlag);
    if (told.length === 0) return [];
    const others = open.some((delta) => delta.field === 'flag' && !isCpuFlag(delta));
    const claims = others ? told : firstBy(open.filter(followsFromCompiler), told);
    const wanted = told.map(({ released }) => released?.text ?? '').filter((text) => text !== '');
    const fix = wanted.length === 0 ? {} : { fix: [...new Set(wanted)].join(' ').slice(0, 200) };
    const summary = `compiled for other processors: ${flagTexts(told)}${codeAmong(claims)}`;
    return [{ claims, certainty: 'suspected', summary, ...fix }];
  },
};
