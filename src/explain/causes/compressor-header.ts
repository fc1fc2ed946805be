import { bothBytes, shortened } from '../spans.ts';
import type { CauseFinder, Delta, Pair } from '../types.ts';

/** RFC 1952, 2.3.1: what gzip writes in front of the packed stream, and no unpacking depends on. */
export const compressorHeader: CauseFinder = {
  formats: ['gzip'],
  find(pair, open) {
    const named = open.some(({ field }) => field === 'name');
    const claims = open.filter((delta) => isKnown(pair, delta, named));
    if (claims.length === 0) return [];
    const told = claims.map(({ field, released, rebuilt }) => {
      return `${field} ${shortened(released?.text ?? 'none')} released, ${shortened(rebuilt?.text ?? 'none')} rebuilt`;
    });
    return [{ claims, certainty: 'proved', summary: `gzip header: ${told.join('; ')}`, fix: 'gzip -n' }];
  },
};

/** Each is a number of its own, or a plain name: nothing else has room in it. */
function isKnown(pair: Pair, delta: Delta, named: boolean): boolean {
  const { field } = delta;
  if (field === 'mtime' || field === 'os') return true;
  const bytes = bothBytes(pair, delta);
  if (field === 'compression flags') return bytes?.every(([flag = 0]) => [0, 2, 4].includes(flag)) ?? false;
  if (field === 'name') return [delta.released, delta.rebuilt].every((span) => isFileName(span?.text));
  // Whether there is a name; RFC 1952 calls the other bit text, and nobody looks at it.
  if (field !== 'flags' || bytes === undefined) return false;
  return ((bytes[0][0] ?? 0) ^ (bytes[1][0] ?? 0)) === 8 && named;
}

function isFileName(text: string | undefined): boolean {
  return text === undefined || /^[\w .+@~,-]{1,150}$/.test(text);
}
