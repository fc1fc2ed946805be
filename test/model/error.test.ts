import { existsSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { recode, SamesourceError } from '../../src/model/error.ts';

function failureOf(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

test.skipIf(!existsSync('/dev/full'))('a full disk stays a full disk, whatever was being fetched', () => {
  const full = failureOf(() => writeFileSync('/dev/full', 'quince'));
  expect(recode(full, 'toolchain-unavailable', 'fetching quince').code).toBe('disk-full');
});

test('what a boundary names anew, and what it leaves', () => {
  const missing = failureOf(() => writeFileSync('/nowhere/quince', ''));
  expect(recode(missing, 'source-unavailable', 'fetching').code).toBe('source-unavailable');
  const unreachable = new SamesourceError('unreachable', 'quince', { hint: 'wait' });
  expect(recode(unreachable, 'source-unavailable', 'fetching')).toMatchObject({
    code: 'source-unavailable',
    hint: 'wait',
  });
  const refusal = new SamesourceError('digest-mismatch', 'quince');
  expect(recode(refusal, 'source-unavailable', 'fetching')).toBe(refusal);
});
