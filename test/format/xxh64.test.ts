import { expect, test } from 'vitest';
import { xxh64 } from '../../src/format/xxh64.ts';

/** Of the reference implementation, xxhsum 0.8.1. */
test.each([
  ['', 'ef46db3751d8e999'],
  ['a', 'd24ec4f1a98c6e5b'],
  ['abc', '44bc2cf5ad770999'],
  ['plover and quince, more than thirty-two bytes', '0029f3a6c9f3efa7'],
  ['plover\n'.repeat(1000), '84dfc143e6c9754e'],
])('%s', (text, expected) => {
  for (const step of [1, 7, 32, 33, 8000]) {
    const hash = xxh64();
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += step) hash.update(bytes.subarray(at, at + step));
    expect(hash.digest().toString(16).padStart(16, '0')).toBe(expected);
  }
});
