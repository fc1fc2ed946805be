/** How much the page shows: it says how much there is. Shared among the pairs that differ. */
import type { Subject } from '../subjects.ts';

export interface Limits {
  readonly causes: number;
  readonly files: number;
  /** Files that are seen before anything is opened. */
  readonly unfolded: number;
  /** Files whose places are shown. */
  readonly detailed: number;
}

export const placesPerFile = 12;
export const evidencePerCause = 4;
export const allowancesShown = 100;

export function limitsFor(subjects: readonly Subject[]): Limits {
  const share = Math.max(subjects.filter(({ difference }) => difference !== undefined).length, 1);
  return {
    causes: Math.max(Math.floor(40 / share), 4),
    files: Math.max(Math.floor(240 / share), 10),
    unfolded: Math.max(Math.floor(24 / share), 6),
    detailed: Math.max(Math.floor(48 / share), 3),
  };
}
