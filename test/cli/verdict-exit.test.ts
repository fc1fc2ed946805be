import { expect, test } from 'vitest';
import { verdictExit, worst } from '../../src/cli/verdict-exit.ts';
import { outcomes, type Verdict } from '../../src/model/verdict.ts';
import { verdicts } from '../report/examples.ts';

test.each([
  ['identical', 0],
  ['identical-with-signature', 0],
  ['explained', 1],
  ['different', 1],
  ['undecided', 2],
  ['refused', 4],
] as const)('%s ends in %i', (outcome, exit) => {
  expect(verdictExit(verdicts[outcome], [])).toBe(exit);
});

test('explained is a match only where the caller accepts it', () => {
  expect(verdictExit(verdicts.explained, ['explained'])).toBe(0);
  expect(verdictExit(verdicts.different, ['explained'])).toBe(1);
});

test('a verdict about nothing is never a match', () => {
  expect(verdictExit({ ...verdicts.identical, artifacts: [] }, ['explained'])).toBe(2);
  expect(worst([])).toBe(2);
});

test('one artifact that is no match is enough, whatever the whole says', () => {
  const [good] = verdicts.identical.artifacts;
  if (good === undefined) throw new Error('the example has an artifact');
  for (const outcome of outcomes.slice(2)) {
    const mixed: Verdict = { ...verdicts.identical, artifacts: [good, { ...good, outcome }] };
    expect(verdictExit(mixed, [])).not.toBe(0);
  }
});
