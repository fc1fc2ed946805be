import { expect, test } from 'vitest';
import { parseStanzas } from '../../../src/format/deb822.ts';
import type { BinaryPackage, PackageIndex } from '../../../src/registry/debian/packages.ts';
import { resolvePackages } from '../../../src/registry/debian/resolve.ts';
import { codeOf } from '../../source/fixture.ts';

function indexOf(text: string): PackageIndex {
  const all = parseStanzas(text).map((fields): BinaryPackage => ({
    name: fields.get('package') ?? '',
    version: fields.get('version') ?? '1',
    arch: 'amd64',
    suite: 'heron',
    seen: '',
    fields,
  }));
  return {
    indexes: [],
    named: (name) => all.filter((one) => one.name === name),
    providing: (name) => all.filter((one) => one.fields.get('provides')?.includes(name)),
    withField: (field, value) => all.filter((one) => one.fields.get(field.toLowerCase()) === value),
    builtFrom: () => [],
  };
}

const index = indexOf(`Package: reed
Version: 1
Essential: yes
Depends: mud (>= 2)

Package: mud
Version: 3

Package: mud
Version: 2

Package: nest
Depends: twig | straw, builder

Package: straw

Package: wren
Provides: builder (= 4)
Priority: optional

Package: stork
Provides: builder
Priority: required

Package: cuckoo
Conflicts: straw

Package: pond
Depends: cuckoo | mud, straw

Package: ring
Depends: loop

Package: loop
Depends: ring

Package: lost
Depends: atlantis (>= 1)

Package: strict
Depends: builder (>= 4)
`);

const names = (...wanted: string[]): string[] => resolvePackages(index, 'amd64', wanted).map((one) => one.name);

test('essential packages come with what they need, newest version, dependencies first', () => {
  expect(resolvePackages(index, 'amd64', ['?essential']).map((one) => `${one.name} ${one.version}`)).toEqual([
    'mud 3',
    'reed 1',
  ]);
});

test('the first alternative that exists; a virtual package by priority', () => {
  expect(names('nest').toSorted()).toEqual(['nest', 'stork', 'straw']);
});

test('an unversioned provide does not meet a versioned dependency', () => {
  expect(names('strict').toSorted()).toEqual(['strict', 'wren']);
});

test('a provider that is there already is enough', () => {
  expect(names('wren', 'nest').toSorted()).toEqual(['nest', 'straw', 'wren']);
});

test('an alternative that conflicts is passed over', () => {
  expect(names('straw', 'pond')).toEqual(['mud', 'straw', 'pond']);
});

test('a circle ends', () => expect(names('ring').toSorted()).toEqual(['loop', 'ring']));

test.each([
  ['a dependency that nothing meets', ['lost']],
  ['two that exclude each other', ['straw', 'cuckoo']],
  ['a version that is not there', ['mud (>= 9)']],
  ['an unknown pattern', ['?recommended']],
])('%s', async (_, wanted) => {
  expect(await codeOf(Promise.resolve().then(() => names(...wanted)))).toBe('toolchain-unavailable');
});

test('an unwanted package is not taken', async () => {
  const resolve = Promise.resolve().then(() => resolvePackages(index, 'amd64', ['nest'], ['straw']));
  expect(await codeOf(resolve)).toBe('toolchain-unavailable');
});
