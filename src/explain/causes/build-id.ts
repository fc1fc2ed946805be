import type { CauseFinder, Delta, Pair } from '../types.ts';

/** Made of all that the linker wrote, also of what was stripped since. */
export const buildId: CauseFinder = {
  formats: ['elf'],
  find(pair, open) {
    const ids = open.filter(({ field }) => field === 'build-id');
    if (ids.length === 0) return [];
    const links = open.filter((delta) => isDebugLink(delta));
    const claims = namesDebugFile(pair, links) ? [...ids, ...links] : ids;
    const alone = pair.deltas.every((delta) => delta.class === 'derived' || claims.includes(delta));
    const why = alone
      ? 'only the build-id differs: something that it is made of and that is not in the file, such as a path or a compiler revision in debug information that was stripped, or an id that was set by hand'
      : 'the build-id differs, as it must where the linked content does; it cannot be computed again here';
    return [{ claims, certainty: 'suspected', summary: why, fix: '-Wl,--build-id=none' }];
  },
};

function isDebugLink({ field, where }: Delta): boolean {
  return field === '.gnu_debuglink' || where.startsWith('.gnu_debuglink');
}

/** The file of debug information is named after the build-id, and holds it: so its check sum differs too. */
function namesDebugFile(pair: Pair, links: readonly Delta[]): boolean {
  const names = links.filter((delta) => (delta.released?.text ?? '') !== '');
  return names.every(({ released, rebuilt }) => {
    return released?.text === debugName(pair.released) && rebuilt?.text === debugName(pair.rebuilt);
  });
}

/** debuglink of debhelper: without the first byte, which is the name of a directory. */
function debugName({ reading }: Pair['released']): string {
  return `${(reading.facts['build-id'] ?? '').slice(2)}.debug`;
}
