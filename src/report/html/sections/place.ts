import type { Evidence, Sample } from '../../../model/difference.ts';
import { byteCount, offsetText } from '../../numbers.ts';
import { markup, type Markup } from '../markup.ts';

/** A place where they differ: both sides, as bytes and as a person would read them. */
export function place({ where, released, rebuilt }: Evidence): Markup {
  // Only where both views exist may one be hidden.
  const both = [released, rebuilt].every((side) => side === undefined || (hasHex(side) && side.text !== undefined));
  return markup`<div class="delta${both ? ' both' : ''}">
    <h4 class="mono">${where}</h4>
    <div class="pair">${side('released', released, rebuilt)}${side('rebuilt', rebuilt, released)}</div>
  </div>`;
}

function hasHex({ hex }: Sample): boolean {
  return hex !== undefined && hex !== '';
}

function side(label: string, sample: Sample | undefined, other: Sample | undefined): Markup {
  if (sample === undefined)
    return markup`<div>
      <p class="side">${label}</p>
      <p class="soft small">nothing stands here</p>
    </div>`;
  const cut = (sample.hex ?? '').length / 2 < sample.size && hasHex(sample) ? ', the first of them below' : '';
  return markup`<div>
    <p class="side">${label}: ${byteCount(sample.size)} at offset ${offsetText(sample.at)}${cut}</p>
    ${hasHex(sample) ? markup`<pre class="hex" tabindex="0">${hexRows(sample, other?.hex)}</pre>` : undefined}
    ${sample.text === undefined ? undefined : markup`<p class="text">${sample.text}</p>`}
  </div>`;
}

const perRow = 8;

/** Offset, bytes and letters; bytes that are not those of the other side are marked. */
function hexRows({ at, hex = '' }: Sample, other: string | undefined): readonly Markup[] {
  const bytes = hex.match(/../g) ?? [];
  const others = other?.match(/../g) ?? [];
  const rows = Array.from({ length: Math.ceil(bytes.length / perRow) }, (_, row) => row * perRow);
  return rows.map((start) => {
    const row = bytes.slice(start, start + perRow);
    const differs = row.map((byte, index) => other !== undefined && byte !== others[start + index]);
    const letters = row.map((byte) => letterOf(Number.parseInt(byte, 16)));
    const fill = '   '.repeat(perRow - row.length);
    const letterRuns = runs(letters, differs, '');
    return markup`<i>${offsetText(at + start).slice(2)}</i>  ${runs(row, differs, ' ')}${fill}  ${letterRuns}\n`;
  });
}

/** Marks whole runs: a mark for each byte would make the page many times as large. */
function runs(parts: readonly string[], differs: readonly boolean[], gap: string): readonly Markup[] {
  const out: Markup[] = [];
  for (let from = 0; from < parts.length;) {
    let to = from + 1;
    while (to < parts.length && differs[to] === differs[from]) to += 1;
    const run = parts.slice(from, to).join(gap);
    out.push(markup`${from === 0 ? '' : gap}${differs[from] === true ? markup`<mark>${run}</mark>` : run}`);
    from = to;
  }
  return out;
}

function letterOf(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}
