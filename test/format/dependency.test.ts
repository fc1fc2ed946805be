import { expect, test } from 'vitest';
import { parseDependencies, showDependency } from '../../src/format/dependency.ts';
import { codeOf } from '../source/fixture.ts';

const names = (field: string, arch = 'amd64'): string[] => parseDependencies(field, arch).map(showDependency);

test('versions, alternatives and qualifiers', () => {
  expect(names('libc6 (>= 2.36), awk | mawk (<< 2), python3:any, gcc:native (= 4:12)')).toEqual([
    'libc6 (>= 2.36)',
    'awk | mawk (<< 2)',
    'python3',
    'gcc (= 4:12)',
  ]);
});

test('other architectures are left out', () => {
  const field = 'a [amd64], b [!amd64], c [arm64 linux-any], d [!hurd-any !i386], e [kfreebsd-any], f [any-amd64]';
  expect(names(field)).toEqual(['a', 'c', 'd', 'f']);
  expect(names(field, 'arm64')).toEqual(['b', 'c', 'd']);
});

test('no build profile is active', () => {
  expect(
    names('a <!nocheck>, b <nocheck>, c <cross> <!nodoc>, d <!nocheck !nodoc>, e (>= 1) [amd64] <!stage1>'),
  ).toEqual(['a', 'c', 'd', 'e (>= 1)']);
});

test('what cannot be read is refused, not skipped', async () => {
  expect(await codeOf(Promise.resolve().then(() => names('libc6 (~> 2)')))).toBe('toolchain-unavailable');
});
