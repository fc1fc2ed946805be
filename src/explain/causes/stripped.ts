import type { Account, CauseFinder, Delta } from '../types.ts';

/** The symbol table was taken out on one side, as a rule with all debug information. */
export const stripped: CauseFinder = {
  formats: ['elf'],
  find(_pair, open) {
    const found = removed(open);
    return found.some(({ where }) => /^\.symtab$/.test(where)) ? [accountOf(found, 'symbols')] : [];
  },
};

/** Debug information alone. */
export const debugSections: CauseFinder = {
  formats: ['elf'],
  find(_pair, open) {
    const found = removed(open);
    return found.length === 0 ? [] : [accountOf(found, 'debug information')];
  },
};

/** Sections of one side for debuggers only, with their headers. */
function removed(open: readonly Delta[]): Delta[] {
  const sections = open.filter((delta) => delta.field === 'section' && delta.class === 'debug');
  const names = new Set(sections.map(({ where }) => `header of ${where}`));
  return [...sections, ...open.filter(({ where, field }) => field === 'section header' && names.has(where))];
}

/** Proved where it is the released file that lacks them: taking them out of ours gives its bytes. */
function accountOf(claims: readonly Delta[], what: string): Account {
  const gone = claims.every(({ released }) => released === undefined);
  const bytes = claims.reduce((sum, delta) => sum + delta.bytes, 0);
  const side = gone ? 'rebuilt' : claims.every(({ rebuilt }) => rebuilt === undefined) ? 'released' : 'one';
  const summary = `only the ${side} file has ${what}: ${bytes} bytes in ${claims.filter(({ field }) => field === 'section').length} sections`;
  return { claims, certainty: gone ? 'proved' : 'suspected', summary, fix: gone ? 'strip' : 'do not strip' };
}
