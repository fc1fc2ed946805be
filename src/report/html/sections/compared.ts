import { byteCount } from '../../numbers.ts';
import { outcomeProse } from '../../prose.ts';
import type { Subject, SubjectFile } from '../../subjects.ts';
import type { Document } from '../../types.ts';
import { hash } from '../hash.ts';
import { markup, type Markup } from '../markup.ts';
import { tones } from './hero.ts';

/** What was compared, with full digests. */
export function compared({ outcome }: Document, subjects: readonly Subject[]): readonly Markup[] {
  if (subjects.length === 0) return [];
  return [
    markup`<section aria-labelledby="compared">
      <h2 id="compared">${outcome === 'refused' || outcome === 'undecided' ? 'What was to be compared' : 'What was compared'}</h2>
      <div class="stack">${subjects.map((subject) => oneSubject(subject, subjects.length > 1))}</div>
    </section>`,
  ];
}

function oneSubject({ name, outcome, reason, released, rebuilt }: Subject, several: boolean): Markup {
  const same = released?.sha256 !== undefined && released.sha256 === rebuilt?.sha256 && released.path === rebuilt.path;
  return markup`<div class="gap">
    ${several ? markup`<h3>${name} <span class="pill ${tones[outcome]}">${outcomeProse[outcome].word}</span></h3>` : undefined}
    ${reason === undefined ? undefined : markup`<p>${reason.message}</p>`}
    <div class="columns">
      ${released === undefined ? undefined : card(same ? 'Released, and rebuilt here bit for bit' : 'Released', name, released)}
      ${rebuilt === undefined || same ? undefined : card('Rebuilt', name, rebuilt)}
      ${
        released === undefined && rebuilt === undefined
          ? markup`<div class="card">
              <h3>${name}</h3>
              <p class="soft">There was no file to compare.</p>
            </div>`
          : undefined
      }
    </div>
  </div>`;
}

function card(side: string, name: string, file: SubjectFile): Markup {
  const from = file.from?.urls.at(-1);
  return markup`<div class="card gap">
    <p class="side">${side}</p>
    <h3>${file.path ?? name}</h3>
    ${
      file.sha256 === undefined
        ? markup`<p class="soft">No digest was taken of it.</p>`
        : markup`<div>
            <h4>SHA-256</h4>
            ${hash(file.sha256, `the SHA-256 of the file: ${side}`)}
          </div>`
    }
    <p class="small soft">
      ${file.kind === 'directory' ? 'A directory, ' : ''}${byteCount(file.size)}${file.secondHash === 'agreed' ? '; two independent programs computed the same digest' : ''}
    </p>
    ${from === undefined ? undefined : markup`<p class="small soft">Downloaded from <span class="mono">${from}</span> on ${file.from?.fetchedAt.slice(0, 10)}</p>`}
    ${file.from?.vouchedBy === undefined ? undefined : markup`<p class="small soft">Its digest is named by ${file.from.vouchedBy}</p>`}
  </div>`;
}
