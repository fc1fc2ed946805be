import { isTwoSided } from '../spans.ts';
import type { CauseFinder } from '../types.ts';

/** A linker makes it of the content, or by chance: alone it changes nothing that runs. */
export const loadCommandUuid: CauseFinder = {
  formats: ['mach-o'],
  find(pair, open) {
    const claims = open.filter((delta) => delta.field === 'uuid' && isTwoSided(delta));
    const [first] = claims;
    if (first === undefined) return [];
    const why = pair.deltas.length === 1 ? 'nothing else differs' : 'as the content of the two files does';
    const summary = `LC_UUID is ${first.released?.text ?? ''} released, ${first.rebuilt?.text ?? ''} rebuilt: ${why}`;
    return [
      { claims, certainty: 'suspected', summary, fix: 'the same linker with -reproducible, and no -random_uuid' },
    ];
  },
};
