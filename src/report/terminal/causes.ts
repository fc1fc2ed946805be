import { printable } from '../../format/printable.ts';
import { balanceOf, type CauseGroup, placesOf } from '../cause-groups.ts';
import { causeProse } from '../cause-prose.ts';
import { severityProse } from '../prose.ts';
import type { Paint } from './differences.ts';
import { cut, field, labelWidth } from './layout.ts';

const longestSummary = 240;

/** Weight and title, where it was found, what was seen, and what is left without it. */
export function causeLines(group: CauseGroup, width: number, paint: Paint): string[] {
  const { kind, certainty, severity, summary, fix } = group.worst;
  const word = severityProse[severity].word.padEnd(labelWidth);
  const title = `${causeProse[kind].title}, ${certainty}`;
  const room = Math.max(width - labelWidth, 20);
  const place = printable(placesOf(group));
  const short = title.length + 2 + place.length <= room;
  return [
    `${severity === 'grave' ? paint.grave(word) : word}${short ? `${title}, ${place}` : cut(title, room)}`,
    ...(short ? [] : [`${' '.repeat(labelWidth)}${cut(place, room)}`]),
    field('', cut(summary, longestSummary), width),
    field('', balanceOf(group), width),
    ...(fix === undefined ? [] : [field('', `fix: ${fix}`, width)]),
  ];
}
