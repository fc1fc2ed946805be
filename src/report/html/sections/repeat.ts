import { repeatCommand } from '../../repeat.ts';
import type { Document } from '../../types.ts';
import { markup, type Markup } from '../markup.ts';

export function repeat(document: Document): Markup {
  return markup`<section aria-labelledby="repeat">
    <h2 id="repeat">To repeat it</h2>
    <p class="soft small">Do not take our word for it: this asks the same question again, on your machine.</p>
    <code class="command" data-copy="the command">${repeatCommand(document)}</code>
  </section>`;
}
