import { expect, test } from 'vitest';
import { dosSeconds, dosTime } from '../../src/format/dos-time.ts';

test.each([
  ['00008e58', Date.UTC(2024, 3, 14) / 1000],
  ['ffffffff', undefined],
  ['00000000', undefined],
  ['0000df58', undefined],
])('DOS time %s', (hex, seconds) => {
  expect(dosSeconds(Buffer.from(hex, 'hex').readUInt32LE())).toBe(seconds);
});

test('what is no time is shown as it stands', () => {
  expect(dosTime(0)).toBe('1980-00-00 00:00:00');
});
