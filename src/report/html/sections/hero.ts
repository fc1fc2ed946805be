import type { Outcome } from '../../../model/verdict.ts';
import { extent, isAlarming, leadingSentence } from '../../leading.ts';
import { meaning, outcomeProse, plainSentence } from '../../prose.ts';
import type { Subject } from '../../subjects.ts';
import type { Document } from '../../types.ts';
import { markup, type Markup, trusted } from '../markup.ts';

/** The verdict in one plain sentence, and the one thing that must be known beside it. */
export function hero(document: Document, subjects: readonly Subject[]): Markup {
  const { outcome } = document;
  return markup`<header class="hero ${tones[outcome]}">
    <div class="wrap">
      <p class="word">${icon(outcome)}${outcomeProse[outcome].word}</p>
      <h1>${plainSentence(document)}</h1>
      ${leads(document, subjects).map((lead) => markup`<p class="lead">${lead}</p> `)}
      <p class="facts">
        ${nameOf(document)} &middot; ${document.finishedAt.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC')}
      </p>
    </div>
  </header>`;
}

export function titleOf(document: Document): string {
  return `${outcomeProse[document.outcome].word}: ${nameOf(document)}`;
}

function nameOf(document: Document): string {
  return 'verdict' in document ? document.claim.name : `${document.released.path} and ${document.rebuilt.path}`;
}

/** What the page is coloured by. */
export const tones: Readonly<Record<Outcome, string>> = {
  identical: 'same',
  'identical-with-signature': 'same',
  explained: 'unsure',
  different: 'bad',
  undecided: 'unsure',
  refused: 'odd',
};

function leads(document: Document, subjects: readonly Subject[]): readonly Markup[] {
  const { reason } = document;
  if (reason !== undefined) {
    return [
      markup`<span class="loud">${reason.message}</span>`,
      ...(reason.hint === undefined ? [] : [markup`What to do next: ${reason.hint}`]),
    ];
  }
  const differing = subjects.flatMap(({ difference }) => (difference === undefined ? [] : [difference]));
  const [worst] = differing.toSorted(
    (a, b) => Number(isAlarming(b)) - Number(isAlarming(a)) || b.unexplained - a.unexplained,
  );
  if (worst === undefined) return [markup`${meaning(document)}`];
  return [
    isAlarming(worst) ? markup`<span class="loud">${leadingSentence(worst)}</span>` : markup`${leadingSentence(worst)}`,
    markup`<span class="soft">${extent(worst)}.</span>`,
  ];
}

const marks: Readonly<Record<string, string>> = {
  same: '<path d="M7 12.5l3.4 3.4L17 9"/>',
  bad: '<path d="M7 10h10M7 14.5h10M14.5 7l-5 10.5"/>',
  unsure: '<path d="M9.2 9.6a2.9 2.9 0 1 1 4.3 2.5c-1 .6-1.5 1.1-1.5 2.2M12 17.3v.1"/>',
  odd: '<path d="M12 7v6M12 16.8v.1"/>',
};

function icon(outcome: Outcome): Markup {
  return trusted(
    '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" ' +
      `stroke-linejoin="round" aria-hidden="true"><circle cx="12" cy="12" r="10.5"/>${marks[tones[outcome]] ?? ''}</svg>`,
  );
}
