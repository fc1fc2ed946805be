import { errorCodes } from '../../../model/error.ts';
import type { Verdict } from '../../../model/verdict.ts';
import { type GroundRow, groundRows } from '../../grounds.ts';
import { byteCount } from '../../numbers.ts';
import { meaning } from '../../prose.ts';
import type { Document } from '../../types.ts';
import { markup, type Markup, textLines } from '../markup.ts';

/** Everything that the sentence rests on, for those who check it. */
export function details(document: Document): Markup {
  const { reason } = document;
  const rows: readonly GroundRow[] = [
    ['meaning', meaning(document)],
    ...(reason === undefined
      ? []
      : ([['reason', `${reason.code}: ${errorCodes[reason.code].means}. ${reason.message}`]] satisfies GroundRow[])),
    ...('verdict' in document ? verdictRows(document) : []),
    ['began', document.startedAt],
    ['ended', document.finishedAt],
    ['made by', `samesource ${document.samesource}`],
  ];
  return markup`<section aria-labelledby="details">
    <h2 id="details">Details</h2>
    <dl class="rows">${rows.map(oneRow)}</dl>
    ${'verdict' in document ? logTail(document) : undefined}
  </section>`;
}

function verdictRows(verdict: Verdict): readonly GroundRow[] {
  const { claim, build } = verdict;
  return [
    ['claim', claim.name],
    ['', claim.sha256],
    ...groundRows(verdict),
    ...(build === undefined
      ? []
      : ([
          ['command', build.run],
          [
            'environment',
            Object.entries(build.env)
              .map(([name, value]) => `${name}=${value}`)
              .join(' '),
          ],
          ['build log', `${build.log.path} (${byteCount(build.log.size)})`],
          ['', build.log.sha256],
        ] satisfies GroundRow[])),
    ...verdict.notes.map((note, index): GroundRow => [index === 0 ? 'notes' : '', note]),
  ];
}

function oneRow([label, value]: GroundRow): Markup {
  const digest = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(value);
  return markup`<dt>${label}</dt><dd${{ markup: digest ? ' class="mono"' : '' }}>${value}</dd>\n`;
}

function logTail({ build }: Verdict): Markup | undefined {
  if (build?.log.tail === undefined || build.log.tail.length === 0) return undefined;
  return markup`<h3>The last lines of the build log</h3>
    <pre class="command">${textLines(build.log.tail.join('\n'))}</pre>`;
}
