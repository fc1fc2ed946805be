import { opinionLines, opinionSentence } from '../../second-opinion.ts';
import type { Document } from '../../types.ts';
import { markup, type Markup, textLines } from '../markup.ts';

const shown = 2000;

/** Another tool's report, folded: the page is about ours. */
export function secondOpinion(document: Document): Markup | undefined {
  if (!('comparison' in document) || document.secondOpinion === undefined) return undefined;
  const { lines, more } = opinionLines(document.secondOpinion, shown);
  return markup`<section aria-labelledby="second">
    <h2 id="second">A second opinion</h2>
    <p>${opinionSentence(document.secondOpinion)} It has no weight in what this page says.</p>
    ${lines.length === 0 ? undefined : markup`<details><summary>Its report${more > 0 ? `, without its last ${more} lines` : ''}</summary><pre class="command">${textLines(lines.join('\n'))}</pre></details>`}
  </section>`;
}
