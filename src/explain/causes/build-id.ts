import type { CauseFinder } from '../types.ts';

/** Made of all that the linker wrote, also of what was stripped since. */
export const buildId: CauseFinder = {
  formats: ['elf'],
  find(pair, open) {
    const claims = open.filter(({ field }) => field === 'build-id');
    if (claims.length === 0) return [];
    const alone = pair.deltas.every(({ field }) => field === 'build-id');
    const why = alone
      ? 'only the build-id differs: something that it is made of and that is not in the file, such as a path or a compiler revision in debug information that was stripped, or an id that was set by hand'
      : 'the build-id differs, as it must where the linked content does; it cannot be computed again here';
    return [{ claims, certainty: 'suspected', summary: why, fix: '-Wl,--build-id=none' }];
  },
};
