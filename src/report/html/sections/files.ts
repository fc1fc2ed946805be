import type { DeltaRecord, FileDifference } from '../../../model/difference.ts';
import { causeProse } from '../../cause-prose.ts';
import { accountsFor, changeText, differingBytes, worstFirst } from '../../leading.ts';
import { byteCount, counted, grouped } from '../../numbers.ts';
import { classProse } from '../../prose.ts';
import type { Subject } from '../../subjects.ts';
import { type Limits, limitsFor, placesPerFile } from '../limits.ts';
import { markup, type Markup, trusted } from '../markup.ts';
import { place } from './place.ts';

/** Each differing file; behind each, its places side by side. */
export function fileSection(subjects: readonly Subject[]): readonly Markup[] {
  const differing = subjects.filter(({ difference }) => (difference?.files.length ?? 0) > 0);
  if (differing.length === 0) return [];
  const limits = limitsFor(subjects);
  return [
    markup`<section aria-labelledby="files">
      <h2 id="files">Where they differ</h2>
      <fieldset class="views screen">
        <legend>Show places as</legend>
        <label><input type="radio" name="view" id="view-both" checked /> bytes and text</label>
        <label><input type="radio" name="view" id="view-hex" /> bytes</label>
        <label><input type="radio" name="view" id="view-text" /> text</label>
      </fieldset>
      ${differing.map((subject) => oneSubject(subject, differing.length > 1, limits))}
    </section>`,
  ];
}

function oneSubject({ name, difference }: Subject, several: boolean, limits: Limits): Markup {
  const shown = worstFirst(difference?.files ?? []).slice(0, limits.files);
  const leftOut = (difference?.files.length ?? 0) - shown.length;
  const detailed = new Set(shown.filter(hasInside).slice(0, limits.detailed));
  const [worst] = detailed;
  const row = (file: FileDifference): Markup => oneFile(file, name, detailed.has(file), file === worst);
  const folded = shown.slice(limits.unfolded);
  return markup`${several ? markup`<h3>${name}</h3>` : undefined}
<div class="files">
<div class="row head" aria-hidden="true"><span>file</span><span>format</span><span>how</span><span>differing bytes</span></div>
${shown.slice(0, limits.unfolded).map(row)}
${folded.length === 0 ? undefined : markup`<details class="more"><summary>${counted(folded.length, 'more file')} of less weight</summary>${folded.map(row)}</details>`}
</div>
${leftOut === 0 ? undefined : markup`<p class="soft small">And ${counted(leftOut, 'more file')}, of less weight than these.</p>`}`;
}

function hasInside(file: FileDifference): boolean {
  return file.deltas.length > 0 || file.note !== undefined;
}

function oneFile(file: FileDifference, name: string, detailed: boolean, open: boolean): Markup {
  const cells = markup`<span class="name">${file.path === '' ? name : file.path}</span>
<span class="soft">${file.formats.join(', ')}</span>
<span>${changeText(file)}</span>
<span>${grouped(differingBytes(file))}<span class="narrow"> differing</span>${unexplainedText(file)}</span>`;
  if (!detailed) return markup`<div class="file row">${cells}</div>\n`;
  return markup`<details class="file" ${trusted(open ? ' open' : '')}>
<summary class="row">${cells}</summary>
<div class="inside gap">
<p class="small soft">${sizesText(file)}</p>
${file.note === undefined ? undefined : markup`<p class="small">Note: ${file.note}</p>`}
${places(file)}
</div></details>\n`;
}

function unexplainedText({ unexplained }: FileDifference): Markup | undefined {
  return unexplained === 0 ? undefined : markup`, <span class="open">${grouped(unexplained)} unexplained</span>`;
}

function sizesText({ sizes: { released, rebuilt } }: FileDifference): string {
  const sides = [
    ...(released === undefined ? [] : [`released: ${byteCount(released)}`]),
    ...(rebuilt === undefined ? [] : [`rebuilt: ${byteCount(rebuilt)}`]),
  ];
  return sides.join('; ');
}

function places(file: FileDifference): Markup {
  const shown = file.deltas.slice(0, placesPerFile);
  const more = file.deltas.length - shown.length + file.deltasLeftOut;
  return markup`${shown.map(
    (delta) =>
      markup`<div>
        ${place(delta)}
        <p class="small soft">
          ${grouped(delta.bytes)} differing; ${classProse[delta.class]};
          ${accountOf(delta)}
        </p>
      </div>`,
  )}
  ${more === 0 ? undefined : markup`<p class="small soft">And ${counted(more, 'more place')}.</p>`}`;
}

/** The cause that accounts for it, or at least names it. */
function accountOf({ cause }: DeltaRecord): Markup {
  if (cause === undefined) return markup`<span class="open">no cause explains it</span>`;
  const { title } = causeProse[cause];
  return accountsFor({ kind: cause }) ? markup`${title}` : markup`<span class="open">unexplained: ${title}</span>`;
}
