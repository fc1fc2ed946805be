import { printable } from '../../format/printable.ts';

/**
 * The one escaping of Markdown: text from outside stands in a code span, where nothing is markup, a
 * link, a mention or an entity. What could end the span, or a cell of a table, becomes `\u{…}`.
 */
export function code(text: string): string {
  const inert = inside(text);
  return inert.trim() === '' ? '(empty)' : `\`${inert}\``;
}

/** A line of a fenced block; two spaces keep it from being read as its end. */
export function fenced(text: string): string {
  return `  ${inside(text)}`;
}

function inside(text: string): string {
  return printable(text).replaceAll(/[`|]/g, (one) => `\\u{${one.charCodeAt(0).toString(16)}}`);
}
