/**
 * The one escaping function for text from outside that reaches a terminal or the log of a CI system.
 *
 * Kept: printable ASCII and the letters of Latin-1 and Latin Extended. Everything else becomes
 * `\u{…}`: C0, DEL, C1, bidirectional and zero-width characters, line separators, letters that
 * reorder or imitate others.
 */

const unprintable = /[^\u{20}-\u{7e}\u{a1}-\u{ac}\u{ae}-\u{24f}]/gu;

/** One line, however many the text had; never read as a command by a CI system. */
export function printable(text: string): string {
  return guardLine(text.replaceAll(unprintable, escapeCharacter));
}

/** As `printable`, but keeps line feeds: for text of our own that quotes text from outside. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/**
 * Last pass over whole lines that were laid out, since wrapping may have moved `::` to a line start:
 * GitHub reads `::error::` and `##[error]` there, Azure `##vso[`, both after white space.
 */
export function guardLines(text: string): string {
  return text.split('\n').map(guardLine).join('\n');
}

function guardLine(line: string): string {
  return line.replace(/^(\s*)(?=::|##)/, '$1\\');
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
