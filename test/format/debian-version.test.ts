import { expect, test } from 'vitest';
import { binNmu, compareVersions, satisfies, upstreamVersion, withoutEpoch } from '../../src/format/debian-version.ts';

// Pairs in rising order, from deb-version(7) and Debian Policy 5.6.12.
test.each([
  ['1.0~rc1', '1.0'],
  ['1.0~~', '1.0~'],
  ['1.0~', '1.0'],
  ['1.0', '1.0a'],
  ['1.0', '1.0+b1'],
  ['1.0-1', '1.0-1+b1'],
  ['1.0-1', '1.0-1.1'],
  ['1.9', '1.10'],
  ['9', '1:0'],
  ['2.36-9+deb12u9', '2.36-9+deb12u10'],
  ['1.2-3~deb12u1', '1.2-3'],
  ['1.0a', '1.0+'],
  ['00', '1'],
])('%s is older than %s', (older, newer) => {
  expect(compareVersions(older, newer)).toBeLessThan(0);
  expect(compareVersions(newer, older)).toBeGreaterThan(0);
});

test.each([
  ['1.0', '1.0-0'],
  ['0:1.0', '1.0'],
  ['1.00', '1.0'],
])('%s equals %s', (left, right) => expect(compareVersions(left, right)).toBe(0));

test('relations', () => {
  expect(satisfies('12.2.0-14', '>=', '12.2')).toBe(true);
  expect(satisfies('12.2', '>>', '12.2')).toBe(false);
  expect(satisfies('12.1', '<<', '12.2~')).toBe(true);
  expect(satisfies('1:2', '=', '1:2')).toBe(true);
});

test('parts of a version', () => {
  expect(withoutEpoch('1:2.66-4+b1')).toBe('2.66-4+b1');
  expect(upstreamVersion('1:2.66-4+deb12u3')).toBe('2.66');
  expect(upstreamVersion('20230311+deb12u1')).toBe('20230311+deb12u1');
  expect(binNmu('1:2.66-4+b12')).toEqual({ source: '1:2.66-4', number: 12 });
  expect(binNmu('1.0+bpo1')).toBeUndefined();
});
