import type { CauseFinder, Delta, Pair } from '../types.ts';
import { codeEvidence, namesOf } from '../formats/elf/evidence.ts';
import { isCodeDelta, isLoadedDelta } from './elf-deltas.ts';

/**
 * A linker makes the build-id of all that it writes: the same id over other content was not linked so.
 * That holds for stripped files too, whose id cannot be computed again.
 */
export const modifiedAfterBuild: CauseFinder = {
  formats: ['elf'],
  async find(pair, open) {
    const claims = open.filter(isLoadedDelta);
    if (claims.length === 0 || !sameId(pair)) return [];
    const summary = `the build-id is the same, but ${namesOf(claims)} ${claims.length === 1 ? 'differs' : 'differ'}: changed after linking${sayFits(pair)}`;
    const evidence = await codeEvidence(pair, sorted(claims));
    return [{ claims, certainty: 'proved', summary, evidence }];
  },
};

function sameId({ released, rebuilt }: Pair): boolean {
  const [theirs, ours] = [released.reading.facts['build-id'], rebuilt.reading.facts['build-id']];
  return theirs !== undefined && theirs === ours;
}

function sayFits({ released, rebuilt }: Pair): string {
  const [theirs, ours] = [released, rebuilt].map(({ reading }) => reading.facts['build-id fits']);
  return theirs === 'no' && ours === 'yes'
    ? '; the released file does not have the content that its id was made of'
    : '';
}

function sorted(claims: readonly Delta[]): readonly Delta[] {
  return [...claims.filter(isCodeDelta), ...claims.filter((delta) => !isCodeDelta(delta))];
}
