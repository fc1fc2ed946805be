import { balanceOf, type CauseGroup, groupCauses, placesOf } from '../../cause-groups.ts';
import { causeProse, fixesOf } from '../../cause-prose.ts';
import { accountsFor, isAlarming, leadingSentence } from '../../leading.ts';
import { counted } from '../../numbers.ts';
import { certaintyProse, severityProse } from '../../prose.ts';
import type { Subject } from '../../subjects.ts';
import { evidencePerCause, type Limits, limitsFor } from '../limits.ts';
import { markup, type Markup, trusted } from '../markup.ts';
import { place } from './place.ts';

/** Why they differ, worst first; what nothing explains comes before all of it. */
export function causeSection(subjects: readonly Subject[]): readonly Markup[] {
  const differing = subjects.filter(({ difference }) => difference !== undefined);
  if (differing.length === 0) return [];
  const limits = limitsFor(subjects);
  return [
    markup`<section aria-labelledby="causes">
      <h2 id="causes">Why they differ</h2>
      ${differing.map((subject) => oneSubject(subject, differing.length > 1, limits))}
    </section>`,
  ];
}

function oneSubject({ name, difference }: Subject, several: boolean, limits: Limits): Markup {
  const groups = groupCauses(difference?.causes ?? []);
  const left = groups.length - limits.causes;
  return markup`${several ? markup`<h3>${name}</h3>` : undefined}
  ${
    difference === undefined || !isAlarming(difference)
      ? undefined
      : markup`<div class="card residual gap">
          <p class="big">${leadingSentence(difference)}</p>
          <p>No harmless cause below makes the whole harmless as long as this stands.</p>
        </div>`
  }
  ${groups.slice(0, limits.causes).map(oneGroup)}
  ${left > 0 ? markup`<p class="soft">And ${counted(left, 'more cause')}, in the document of this report.</p>` : undefined}`;
}

function oneGroup(group: CauseGroup, index: number): Markup {
  const { kind, severity, certainty, summary } = group.worst;
  const { title, why } = causeProse[kind];
  const { exact, usual } = fixesOf(group.worst);
  return markup`<article class="card cause gap ${severity}">
    <div class="top">
      <span class="pill">${severityProse[severity].word}</span>
      <h3>${title}</h3>
      <span class="pill plain">${certainty}</span><span class="soft small mono">${placesOf(group)}</span>
    </div>
    <p class="summary">${summary}</p>
    <p class="soft">${why}</p>
    <p class="small">
      This ${severityProse[severity].means}. ${certainty === 'proved' ? 'Proved' : 'Suspected'}:
      ${certaintyProse[certainty][accountsFor(group.worst) ? 'accounts' : 'names']}.
    </p>
    <p class="small">${balanceOf(group)}${scale(group)}</p>
    <p class="small">
      <strong>What would fix it:</strong> ${exact === undefined ? undefined : markup`<code>${exact}</code> `}${usual}
    </p>
    ${evidence(group, index === 0)}
  </article> `;
}

/** Explained against left, as a bar; the words before it say the same. */
function scale({ worst, explains, count }: CauseGroup): Markup | undefined {
  const all = explains + worst.residual;
  if (count > 1 || all === 0 || !accountsFor(worst)) return undefined;
  const done = Math.round((explains / all) * 100);
  return trusted(
    '<svg class="scale" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">' +
      `<rect class="done" width="${done}" height="4"/><rect class="left" x="${done}" width="${100 - done}" height="4"/></svg>`,
  );
}

function evidence({ worst }: CauseGroup, first: boolean): Markup | undefined {
  if (worst.evidence.length === 0) return undefined;
  const shown = worst.evidence.slice(0, evidencePerCause);
  const more = worst.evidence.length - shown.length + worst.evidenceLeftOut;
  return markup`<details${trusted(first || worst.severity === 'grave' ? ' open' : '')}><summary>Evidence</summary>
${shown.map(place)}
${more === 0 ? undefined : markup`<p class="small soft">And ${counted(more, 'more place')}.</p>`}</details>`;
}
