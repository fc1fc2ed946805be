import { markup, type Markup, trusted } from './markup.ts';

/** A digest in full, in groups of four: easy to read aloud, and copied without the gaps. */
export function hash(digest: string, label: string): Markup {
  const groups = (digest.match(/.{1,4}/g) ?? []).map((group) => markup`<span>${group}</span>${trusted('<wbr>')}`);
  return markup`<code class="hash" data-copy="${label}">${groups}</code>`;
}
