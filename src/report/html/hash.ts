import { html, type Markup, trusted } from './markup.ts';

/** A digest in full, in groups of four: easy to read aloud, and copied without the gaps. */
export function hash(digest: string, label: string): Markup {
  const groups = (digest.match(/.{1,4}/g) ?? []).map((group) => html`<span>${group}</span>${trusted('<wbr>')}`);
  return html`<code class="hash" data-copy="${label}">${groups}</code>`;
}
