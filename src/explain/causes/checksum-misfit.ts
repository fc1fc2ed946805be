import type { CauseFinder } from '../types.ts';

/** For the kind `modified-after-build`: a linker writes a checksum, and who changes a file later seldom does. */
export const checksumMisfit: CauseFinder = {
  formats: ['pe'],
  find({ released, rebuilt }, open) {
    const claims = open.filter(({ field }) => field === 'checksum');
    if (claims.length === 0 || released.reading.facts['checksum'] !== 'does not fit') return [];
    if (rebuilt.reading.facts['checksum'] !== 'fits') return [];
    const summary = 'the checksum in the header of the released file is not that of its content; ours fits';
    return [{ claims, certainty: 'suspected', summary }];
  },
};
