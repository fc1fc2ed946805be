/**
 * For the step summary of a CI system, in the Markdown of GitHub. Headings are HTML: a line that
 * begins with `##` is a command to some systems if the summary is printed to a log.
 */
import { meaning, notProved, outcomeProse, plainSentence } from '../prose.ts';
import { isAlarming, leadingSentence } from '../leading.ts';
import { opinionLines, opinionSentence } from '../second-opinion.ts';
import { repeatCommand } from '../repeat.ts';
import { type Subject, subjectsOf } from '../subjects.ts';
import type { Document } from '../types.ts';
import { differenceBlocks } from './differences.ts';
import { code, fenced } from './escape.ts';
import { grounds, signatureBlocks, subjectBlocks } from './subjects.ts';

export function markdown(document: Document): string {
  const subjects = subjectsOf(document);
  const blocks = [
    `# ${outcomeProse[document.outcome].word}`,
    `**${plainSentence(document)}** ${meaning(document)}`,
    ...leading(subjects),
    ...reason(document),
    ...('verdict' in document ? [`Claim: ${code(document.claim.name)}`] : []),
    ...subjectBlocks(subjects),
    ...differenceBlocks(subjects),
    ...signatureBlocks(subjects),
    ...secondOpinion(document),
    ...('verdict' in document ? grounds(document) : []),
    '<h3>What this does not prove</h3>',
    notProved(document)
      .map((point) => `- ${point}`)
      .join('\n'),
    '<h3>To repeat it</h3>',
    `\`\`\`\n${fenced(repeatCommand(document))}\n\`\`\``,
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** Another tool's report, folded. */
function secondOpinion(document: Document): string[] {
  if (!('comparison' in document) || document.secondOpinion === undefined) return [];
  const { lines, more } = opinionLines(document.secondOpinion, 200);
  const report = [...lines.map(fenced), ...(more > 0 ? [`  and ${more} more lines`] : [])].join('\n');
  const summary = code(opinionSentence(document.secondOpinion));
  return lines.length === 0
    ? [summary]
    : [`${summary}\n\n<details><summary>its report</summary>\n\n\`\`\`\n${report}\n\`\`\`\n\n</details>`];
}

/** As an alert: it is what must not be overlooked. */
function leading(subjects: readonly Subject[]): string[] {
  return subjects.flatMap(({ difference }) =>
    difference === undefined || !isAlarming(difference) ? [] : [`> [!CAUTION]\n> ${leadingSentence(difference, code)}`],
  );
}

function reason({ reason }: Document): string[] {
  if (reason === undefined) return [];
  const hint = reason.hint === undefined ? '' : `\n> Hint: ${code(reason.hint)}`;
  return [`> [!WARNING]\n> ${code(reason.code)}: ${code(reason.message)}${hint}`];
}
