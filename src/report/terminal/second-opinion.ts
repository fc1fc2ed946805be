import { printable } from '../../format/printable.ts';
import type { Document } from '../types.ts';
import { opinionLines, opinionSentence } from '../second-opinion.ts';
import { paragraph } from './layout.ts';

const shown = 40;
const widest = 200;

/** Another tool's report, as far as a screen goes. */
export function secondOpinion(document: Document, width: number): string {
  if (!('comparison' in document) || document.secondOpinion === undefined) return '';
  const { lines, more } = opinionLines(document.secondOpinion, shown);
  return [
    paragraph(opinionSentence(document.secondOpinion), width),
    ...lines.map((line) => `  | ${printable(line.slice(0, widest))}`),
    ...(more > 0 ? [`  and ${more} more lines: --json or --format html`] : []),
  ].join('\n');
}
