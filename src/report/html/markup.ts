/**
 * Markup that escapes: whatever stands in `${}` of an `markup` template becomes text, unless it was made
 * by such a template. The only door to raw markup is `trusted`, for what is ours alone.
 */
import { printable } from '../../format/printable.ts';

export interface Markup {
  readonly markup: string;
}

type Part = Markup | string | number | undefined | readonly Part[];

/** @param parts text from anywhere, or markup; `undefined` leaves nothing */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: strings.map((text, index) => text + (index < parts.length ? render(parts[index]) : '')).join('') };
}

/** Text of our own that is markup already: never anything from outside. */
export function trusted(markup: string): Markup {
  return { markup };
}

function render(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(render).join('');
}

/** Fit for text and for quoted attributes alike, and plain ASCII, whatever a server calls the page's encoding. */
export function escapeHtml(text: string): string {
  return printable(text).replaceAll(/[&<>"'`=]|[^\x20-\x7e]/g, (one) => `&#${one.codePointAt(0) ?? 0};`);
}

/** Each line of a text on a line of its own, for `pre`. */
export function textLines(text: string): Markup {
  return { markup: text.split('\n').map(escapeHtml).join('\n') };
}
