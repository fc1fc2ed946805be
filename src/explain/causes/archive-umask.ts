import { isMode, modesOf } from '../encoders/mode.ts';
import { countEntries } from '../spans.ts';
import type { CauseFinder, Delta, Pair } from '../types.ts';

/** Reading and writing by the group and by others: what a umask takes away without changing what runs. */
const masked = 0o066;

/**
 * One mask for all entries, taken from the same side: a mode that became wider elsewhere is no umask's
 * doing.
 */
export const archiveUmask: CauseFinder = {
  find(pair, open) {
    const candidates = open.filter((delta) => isMode(delta) && isMasked(modesOf(pair, delta)));
    for (const narrower of ['released', 'rebuilt'] as const) {
      const claims = candidates.filter((delta) => isNarrower(pair, delta, narrower));
      const mask = claims.reduce((sum, delta) => sum | changed(pair, delta), 0);
      if (claims.length === 0 || claims.length !== candidates.length) continue;
      const fits = claims.every((delta) => (wider(pair, delta) & mask) === changed(pair, delta));
      const summary = `modes of ${countEntries(claims)} lack ${octal(mask)} in the ${narrower} file: another umask`;
      return [{ claims, certainty: fits ? 'proved' : 'suspected', summary, fix: fixes[pair.format] ?? 'umask 022' }];
    }
    return [];
  },
};

const fixes: Readonly<Record<string, string>> = {
  tar: 'umask 022 before the build, or tar --mode=go=rX,u+rw,a-s',
  ar: 'ar D (ARFLAGS=Drcs)',
};

function isMasked(modes: readonly [number, number] | undefined): boolean {
  return modes !== undefined && modes[0] !== modes[1] && ((modes[0] ^ modes[1]) & ~masked) === 0;
}

function changed(pair: Pair, delta: Delta): number {
  const [theirs, ours] = modesOf(pair, delta) ?? [0, 0];
  return theirs ^ ours;
}

function wider(pair: Pair, delta: Delta): number {
  const [theirs, ours] = modesOf(pair, delta) ?? [0, 0];
  return theirs | ours;
}

function isNarrower(pair: Pair, delta: Delta, side: 'released' | 'rebuilt'): boolean {
  const [theirs, ours] = modesOf(pair, delta) ?? [0, 0];
  return (theirs & ours) === (side === 'released' ? theirs : ours);
}

function octal(mode: number): string {
  return mode.toString(8).padStart(3, '0');
}
