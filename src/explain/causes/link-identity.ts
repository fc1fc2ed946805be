import { isTwoSided } from '../spans.ts';
import type { CauseFinder, Delta, Pair } from '../types.ts';

/**
 * For the kind `build-id`: what tells one link of a PE file from another. It is a hash of the content or
 * comes by chance; a program and its `.pdb` find each other by it.
 */
export const linkIdentity: CauseFinder = {
  formats: ['pe'],
  find(pair, open) {
    const claims = open.filter((delta) => isTwoSided(delta) && isIdentity(pair, delta));
    if (claims.length === 0) return [];
    const names = [...new Set(claims.map(({ field }) => field))].join(', ');
    const [first] = claims;
    const values = `${first?.released?.text ?? ''} released, ${first?.rebuilt?.text ?? ''} rebuilt`;
    return [{ claims, certainty: 'suspected', summary: `the mark of the link (${names}) is ${values}` }];
  },
};

function isIdentity({ released, rebuilt }: Pair, { field }: Delta): boolean {
  if (['repro hash', 'pdb guid', 'pdb age'].includes(field)) return true;
  const hashes = [released, rebuilt].every(({ reading }) => reading.facts['reproducible'] === 'yes');
  return hashes && field.endsWith('time stamp');
}
