import { expect, test } from 'vitest';
import { formatPurl, parsePurl } from '../../src/format/purl.ts';

test.each([
  [
    'pkg:deb/debian/ca-certificates@20230311%2Bdeb12u1?arch=all',
    'ca-certificates',
    '20230311+deb12u1',
    { arch: 'all' },
  ],
  ['pkg:deb/debian/libcap2@1:2.66-4+b1?distro=bookworm', 'libcap2', '1:2.66-4+b1', { distro: 'bookworm' }],
  ['pkg:deb/debian/libpng1.6', 'libpng1.6', undefined, {}],
  ['pkg:DEB/Debian/g%2B%2B@4%3A12', 'g++', '4:12', {}],
])('%s', (text, name, version, qualifiers) => {
  const purl = parsePurl(text);
  expect(purl).toEqual({ type: 'deb', namespace: 'debian', name, version, qualifiers });
  expect(parsePurl(formatPurl(purl))).toEqual(purl);
});

test.each([
  'pkg:',
  'pkg:deb',
  'ca-certificates',
  'pkg:deb/debian/x?arch=all&arch=amd64',
  'pkg:deb/debian/x?arch=all&ARCH=amd64',
  'pkg:deb/debian/x#sub/path',
  'pkg:deb/debian/x%1b',
  'pkg:deb/debian/%zz',
  `pkg:deb/debian/${'x'.repeat(3000)}`,
])('refuses %s', (text) => {
  expect(() => parsePurl(text)).toThrow(expect.objectContaining({ code: 'usage' }));
});
