import type { Outcome, SourceIdentity, Verdict } from '../../../model/verdict.ts';
import { byteCount } from '../../numbers.ts';
import type { Subject, SubjectFile } from '../../subjects.ts';
import type { Document } from '../../types.ts';
import { markup, type Markup } from '../markup.ts';
import { tones } from './hero.ts';

const signs: Readonly<Record<Outcome, { readonly sign: string; readonly says: string; readonly note?: string }>> = {
  identical: { sign: '=', says: 'is the same as' },
  'identical-with-signature': { sign: '=', says: 'is, with the signature, the same as', note: 'once signed' },
  explained: { sign: '\u2248', says: 'differs only as declared from', note: 'as declared' },
  different: { sign: '\u2260', says: 'is not the same as' },
  undecided: { sign: '?', says: 'could not be compared with' },
  refused: { sign: '!', says: 'was not compared with' },
};

const titles = { released: 'Released', rebuilt: 'Rebuilt' } as const;

/** From the source to the file that people run, as a picture that is read as a list. */
export function chain(document: Document, subjects: readonly Subject[]): Markup {
  const { sign, says, note } = signs[document.outcome];
  const [first, ...others] = subjects;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  // A build leads to its file; two files stand as they were named.
  const [left, right] = 'verdict' in document ? (['rebuilt', 'released'] as const) : (['released', 'rebuilt'] as const);
  const small = note === undefined ? undefined : markup`<small aria-hidden="true">${note}</small>`;
  // The sign is one character of ours, which must not be shown as an escape.
  const mark = { markup: `&#${sign.charCodeAt(0)};` };
  return markup`<section aria-labelledby="chain">
    <h2 id="chain">${'verdict' in document ? 'From the source to the file' : 'The two files'}</h2>
    <ol class="chain ${tones[document.outcome]}">
      ${'verdict' in document ? verdictSteps(document) : undefined}
      ${step(titles[left], fileLines(first?.[left], first?.name, more), '')}
      <li class="sign"><b aria-hidden="true">${mark}</b><span class="skip">${says}</span>${small}</li>
      ${step(titles[right], fileLines(first?.[right], first?.name, more), 'end')}
    </ol>
  </section>`;
}

function verdictSteps({ source, toolchain, engine, build }: Verdict): readonly Markup[] {
  const tools = [
    ...(toolchain === undefined ? ['not reached'] : [toolchain.summary]),
    ...(engine === undefined ? [] : [`${engine.name} ${engine.version}, network off`]),
    ...(build === undefined ? [] : [`${build.seconds.toFixed(1)} seconds`]),
  ];
  return [step('Source', source === undefined ? ['not reached'] : sourceLines(source), ''), step('Build', tools, '')];
}

function sourceLines(source: SourceIdentity): readonly string[] {
  switch (source.kind) {
    case 'git':
      return [source.url, `${source.ref ?? 'commit'} ${source.commit.slice(0, 12)}`];
    case 'archive':
      return [source.url, `SHA-256 ${source.sha256.slice(0, 12)}`];
    case 'debian':
      return [`Debian ${source.package}`, source.version];
  }
}

function fileLines(file: SubjectFile | undefined, name: string | undefined, more: string): readonly string[] {
  if (file === undefined) return ['no file'];
  const begins = file.sha256 === undefined ? [] : [`SHA-256 begins ${file.sha256.slice(0, 8)}`];
  return [`${file.path ?? name ?? ''}${more}`, byteCount(file.size), ...begins];
}

function step(title: string, lines: readonly string[], kind: string): Markup {
  return markup`<li class="${kind}">
    <div class="card gap">
      <p class="side">${title}</p>
      ${lines.map((line) => markup`<p>${line}</p>`)}
    </div>
  </li> `;
}
