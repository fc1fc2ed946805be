import { expect, test } from 'vitest';
import { guardLines, printable, printableLines } from '../../src/format/printable.ts';

test.each([
  ['plain text', 'usr/share/doc/a-b_c.gz (1:2.3~rc1+b1)', 'usr/share/doc/a-b_c.gz (1:2.3~rc1+b1)'],
  ['letters of Latin scripts', 'Jérôme Łukasz', 'Jérôme Łukasz'],
  ['C0', 'a\u001b[2J\r\n\tb', 'a\\u{1b}[2J\\u{d}\\u{a}\\u{9}b'],
  ['DEL and C1', '\u007f\u009b31m\u0085', '\\u{7f}\\u{9b}31m\\u{85}'],
  ['bidirectional controls', 'a\u202eb\u2066c\u200f', 'a\\u{202e}b\\u{2066}c\\u{200f}'],
  ['zero width', 'a\u200bb\u200dc\ufeffd\u00ade', 'a\\u{200b}b\\u{200d}c\\u{feff}d\\u{ad}e'],
  ['line separators', 'a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
  ['letters that imitate others', 'p\u0430ypal', 'p\\u{430}ypal'],
  ['letters that reorder', '\u05d0', '\\u{5d0}'],
  ['lone surrogates and far planes', '\ud800x\u{e0041}', '\\u{d800}x\\u{e0041}'],
  ['commands of CI systems', '::error::x', '\\::error::x'],
  ['the other kind', ' ##vso[task]', ' \\##vso[task]'],
  ['colons that are no command', 'Foo::Bar', 'Foo::Bar'],
])('%s', (_, text, expected) => {
  expect(printable(text)).toBe(expected);
});

test('keeps the lines of a text of ours', () => {
  expect(printableLines('one\n::two\u0007')).toBe('one\n\\::two\\u{7}');
});

test('guards every line', () => {
  expect(guardLines('a\n  ::set-env name=x\n##[error]')).toBe('a\n  \\::set-env name=x\n\\##[error]');
});
