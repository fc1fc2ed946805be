import { printable } from '../../format/printable.ts';
import type { Cause, Evidence, Sample } from '../../model/difference.ts';
import { grouped, offsetText } from '../numbers.ts';
import { cut } from './layout.ts';

/** What stands on each side, one below the other, from the first byte that differs. */
export function evidenceLines(cause: Cause, limit: number, width: number): string[] {
  const shown = cause.evidence.slice(0, limit);
  const more = cause.evidence.length - shown.length + cause.evidenceLeftOut;
  const lines = shown.flatMap((evidence) => [`  ${cut(evidence.where, width - 2)}`, ...sides(evidence, width)]);
  if (limit === 0 || more === 0) return lines;
  return [...lines, `  and at ${grouped(more)} more ${more === 1 ? 'place' : 'places'}`];
}

function sides({ released, rebuilt }: Evidence, width: number): string[] {
  const skip = commonBytes(released?.hex, rebuilt?.hex);
  return [sideLine('released', released, skip, width), sideLine('rebuilt', rebuilt, skip, width)];
}

/** Two equal bytes stay before the first unequal one, for the eye to hold on to. */
function commonBytes(left = '', right = ''): number {
  let same = 0;
  while (same < left.length && left.slice(same, same + 2) === right.slice(same, same + 2)) same += 2;
  return same >= Math.max(left.length, right.length) ? 0 : Math.max(same / 2 - 2, 0);
}

function sideLine(label: string, sample: Sample | undefined, skip: number, width: number): string {
  const start = `  ${label.padEnd(10)}`;
  if (sample === undefined) return `${start} nothing`;
  const line = `${start} ${offsetText(sample.at + skip)}  `;
  const room = Math.max(width - line.length, 11);
  const bytes = (sample.hex ?? '').slice(skip * 2).match(/../g) ?? [];
  // Text needs half of the room, if there is text.
  const fit = Math.max(Math.floor(((sample.text === undefined ? room : room / 2 - 2) + 1) / 3), 2);
  const hex = bytes.slice(0, fit).join(' ');
  if (sample.text === undefined) return `${line}${hex}`.trimEnd();
  const column = bytes.length === 0 ? '' : `${hex.padEnd(fit * 3 - 1)}  `;
  return `${line}${column}${clip(sample.text, Math.max(room - column.length, 4))}`;
}

function clip(text: string, room: number): string {
  const shown = printable(text);
  return shown.length <= room ? shown : `${shown.slice(0, room - 3)}...`;
}
