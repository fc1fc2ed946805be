import { expect, test } from 'vitest';
import { fieldRows, parseStanza, parseStanzas } from '../../src/format/deb822.ts';

const text = `# a comment
Package: quince
Version: 1.2-3:4
Checksums-Sha256:
 ${'a'.repeat(64)} 100 quince_1.2.orig.tar.gz
 ${'b'.repeat(64)} 20 quince_1.2-3.dsc
Description: a fruit
 that is hard
 .
\tand yellow
Empty:

Package: medlar
`;

test('fields, continuation lines, several stanzas', () => {
  const [quince, medlar] = parseStanzas(text);
  expect(quince?.get('package')).toBe('quince');
  expect(quince?.get('version')).toBe('1.2-3:4');
  expect(quince?.get('description')).toBe('a fruit\nthat is hard\n.\nand yellow');
  expect(quince?.get('empty')).toBe('');
  expect(fieldRows(quince?.get('checksums-sha256'))).toEqual([
    ['a'.repeat(64), '100', 'quince_1.2.orig.tar.gz'],
    ['b'.repeat(64), '20', 'quince_1.2-3.dsc'],
  ]);
  expect(medlar?.get('package')).toBe('medlar');
  expect(parseStanzas('\n\n\n')).toEqual([]);
  expect(parseStanzas('A: 1\n\n\n\nB: 2\n').map((stanza) => [...stanza])).toEqual([[['a', '1']], [['b', '2']]]);
});

test('lines of white space part stanzas, as deb822(5) and dpkg have it', () => {
  expect(parseStanzas('A: 1\n \t\nB: 2\n')).toHaveLength(2);
});

test('a field given twice is not taken one of two ways', () => {
  expect(() => parseStanza('SHA256: good\nSize: 1\nsha256: bad\n')).toThrow(
    expect.objectContaining({ code: 'archive-unsafe' }),
  );
});

test('a line that is no field is refused', () => {
  for (const bad of ['no colon here\n', ': no name\n', ' continues nothing\n', 'Sp ace: x\n']) {
    expect(() => parseStanza(bad)).toThrow(expect.objectContaining({ code: 'archive-unsafe' }));
  }
});

test('names of objects are only names', () => {
  expect(parseStanza('__proto__: x\nconstructor: y\n').get('__proto__')).toBe('x');
});
