import type { Verdict } from '../../../model/verdict.ts';
import { notProved } from '../../prose.ts';
import type { Subject } from '../../subjects.ts';
import type { Document } from '../../types.ts';
import { markup, type Markup } from '../markup.ts';

/** What was checked, and beside it, as large, what no result of it shows. */
export function checked(document: Document, subjects: readonly Subject[]): Markup {
  const points = 'verdict' in document ? ofVerdict(document, subjects) : ofComparison(subjects);
  return markup`<section class="columns" aria-label="What was checked and what was not">
    <div>
      <h2>What was checked</h2>
      <ul class="points">
        ${points.map((point) => markup`<li>${point}</li>`)}
      </ul>
    </div>
    <div>
      <h2>What this does not prove</h2>
      <ul class="points not">
        ${notProved(document).map((point) => markup`<li>${point}</li>`)}
      </ul>
    </div>
  </section>`;
}

function ofVerdict({ source, toolchain, engine, build }: Verdict, subjects: readonly Subject[]): readonly string[] {
  const points = [
    ...(source === undefined ? [] : [sourcePoint(source)]),
    ...(source !== undefined && 'signature' in source && source.signature.status === 'valid'
      ? [`It was signed by ${source.signature.by}.`]
      : []),
    ...(toolchain === undefined ? [] : [`The tools that built it are pinned by digest: ${toolchain.summary}.`]),
    ...(build === undefined
      ? []
      : [
          `It was built here, without network, in ${build.dir}${engine === undefined ? '' : ` (${engine.name} ${engine.version})`}.`,
        ]),
    ...bytePoints(subjects),
  ];
  return points.length === 0 ? ['Nothing could be checked.'] : points;
}

function sourcePoint(source: NonNullable<Verdict['source']>): string {
  switch (source.kind) {
    case 'git':
      return `The source is the one that was named: commit ${source.commit.slice(0, 12)} of ${source.url}.`;
    case 'archive':
      return `The source is the archive that was named by its digest: ${source.url}.`;
    case 'debian':
      return `The source is the Debian package ${source.package} ${source.version}, named by its digests.`;
  }
}

function ofComparison(subjects: readonly Subject[]): readonly string[] {
  const points = bytePoints(subjects);
  return points.length === 0 ? ['The two were read, and the comparison went no further.'] : points;
}

function bytePoints(subjects: readonly Subject[]): readonly string[] {
  const decided = subjects.filter(
    ({ outcome, released, rebuilt }) =>
      released !== undefined && rebuilt !== undefined && outcome !== 'undecided' && outcome !== 'refused',
  );
  const twice = decided.some(({ released }) => released?.secondHash === 'agreed');
  return [
    ...(decided.length === 0 ? [] : ['Every byte of the released and the rebuilt file was compared.']),
    ...(twice ? ['The digests were computed by two independent programs.'] : []),
    ...(decided.some(({ signature }) => signature !== undefined)
      ? ["The vendor's signature was moved onto the rebuilt file, and bounded and digested byte by byte."]
      : []),
  ];
}
