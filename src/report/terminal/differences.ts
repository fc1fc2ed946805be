/** Where files differ and why, worst first, on one screen: what does not fit is counted. */
import type { Difference } from '../../model/difference.ts';
import { groupCauses } from '../cause-groups.ts';
import { extent, leadingSentence } from '../leading.ts';
import { counted } from '../numbers.ts';
import type { Subject } from '../subjects.ts';
import { causeLines } from './causes.ts';
import { evidenceLines } from './evidence.ts';
import { fileTree } from './file-tree.ts';
import { field } from './layout.ts';

export interface Paint {
  readonly heading: (text: string) => string;
  readonly grave: (text: string) => string;
}

/** How much is shown of the first difference, and of each that follows. */
const budgets = {
  first: { causes: 4, evidence: 1, files: 6 },
  next: { causes: 2, evidence: 0, files: 3 },
} as const;
type Budget = (typeof budgets)[keyof typeof budgets];

export function differenceLines(subjects: readonly Subject[], width: number, paint: Paint): string {
  return subjects
    .flatMap(({ name, difference }) => (difference === undefined ? [] : [{ name, difference }]))
    .map((one, index) => oneDifference(one, index === 0 ? budgets.first : budgets.next, width, paint))
    .join('\n\n');
}

function oneDifference(
  { name, difference }: { readonly name: string; readonly difference: Difference },
  budget: Budget,
  width: number,
  paint: Paint,
): string {
  const groups = groupCauses(difference.causes);
  const shown = groups.slice(0, budget.causes);
  const blocks = [
    [
      field('differs', name, width),
      field('', leadingSentence(difference), width),
      field('', extent(difference), width),
    ],
    ...shown.map((group, index) => [
      ...causeLines(group, width, paint),
      ...(index === 0 ? evidenceLines(group.worst, budget.evidence, width) : []),
      ...(index === shown.length - 1 ? leftOut(groups.length - shown.length, width) : []),
    ]),
    allowedLines(difference, width),
    fileTree(difference.files, budget.files, width, paint),
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n');
}

function allowedLines({ allowed = [] }: Difference, width: number): string[] {
  return allowed
    .slice(0, 3)
    .flatMap(({ allowance, path, regions, released, rebuilt }, index) => [
      field(index === 0 ? 'allowed' : '', `${allowance}: ${path} (${counted(regions, 'region')})`, width),
      field('', `released ${released}`, width),
      field('', `rebuilt ${rebuilt}`, width),
    ]);
}

function leftOut(causes: number, width: number): string[] {
  if (causes <= 0) return [];
  return [field('', `and ${causes} more ${causes === 1 ? 'cause' : 'causes'}: --json or --format html`, width)];
}
