/** One screen for a person: the word first, then what it rests on, then what it does not say. */
import { Chalk, type ChalkInstance } from 'chalk';
import { guardLines, printable } from '../../format/printable.ts';
import { errorCodes } from '../../model/error.ts';
import type { Outcome, Reason, Verdict } from '../../model/verdict.ts';
import { groundRows } from '../grounds.ts';
import { byteCount } from '../numbers.ts';
import { meaning, notProved, outcomeProse } from '../prose.ts';
import { repeatCommand } from '../repeat.ts';
import { subjectsOf } from '../subjects.ts';
import type { Document, ReportOptions } from '../types.ts';
import { subjectLines } from './artifacts.ts';
import { differenceLines } from './differences.ts';
import { field, paragraph } from './layout.ts';
import { secondOpinion } from './second-opinion.ts';

const screenWidth = 80;

export function terminal(document: Document, options: ReportOptions): string {
  const chalk = new Chalk({ level: options.color ? 1 : 0 });
  const width = Math.min(options.columns, screenWidth);
  const subjects = subjectsOf(document);
  const sections = [
    headline(document, chalk, width),
    subjectLines(subjects, width),
    differenceLines(subjects, width, { heading: chalk.bold, grave: chalk.bold.red }),
    secondOpinion(document, width),
    ...('verdict' in document ? [grounds(document, width), notes(document, width)] : []),
    `${chalk.bold('What this does not prove')}\n${paragraph(notProved(document).join(' '), width)}`,
    `${chalk.bold('To repeat it')}\n${commandLine(document, width)}`,
  ];
  return `${guardLines(sections.filter((section) => section !== '').join('\n\n'))}\n`;
}

const colors: Readonly<Record<Outcome, 'green' | 'yellow' | 'red' | 'magenta'>> = {
  identical: 'green',
  'identical-with-signature': 'green',
  explained: 'yellow',
  different: 'red',
  undecided: 'yellow',
  refused: 'magenta',
};

function headline(document: Document, chalk: ChalkInstance, width: number): string {
  return [
    chalk.bold[colors[document.outcome]](outcomeProse[document.outcome].word),
    paragraph(meaning(document), width),
    ...('verdict' in document ? ['', field('claim', document.claim.name, width)] : []),
    ...('verdict' in document || document.reason === undefined ? [] : ['']),
    ...reasonLines(document.reason, width),
  ].join('\n');
}

function reasonLines(reason: Reason | undefined, width: number): string[] {
  if (reason === undefined) return [];
  return [
    field('reason', `${reason.code}: ${errorCodes[reason.code].means}`, width),
    field('', reason.message, width),
    ...(reason.hint === undefined ? [] : [field('hint', reason.hint, width)]),
  ];
}

function grounds(verdict: Verdict, width: number): string {
  return groundRows(verdict)
    .map(([label, value]) => field(label, value, width))
    .join('\n');
}

function notes(verdict: Verdict, width: number): string {
  const log = verdict.build?.log;
  return [
    ...(log === undefined ? [] : [field('build log', `${log.path} (${byteCount(log.size)})`, width)]),
    ...(log?.tail ?? []).map((line) => paragraph(`| ${line}`, width, 2)),
    ...verdict.notes.map((note, index) => field(index === 0 ? 'notes' : '', note, width)),
  ].join('\n');
}

/** Never cut, since it is there to be copied. */
function commandLine(document: Document, width: number): string {
  const line = `  ${printable(repeatCommand(document))}`;
  return line.length <= width ? line : line.replace(/ (verify|compare) /, ' $1 \\\n    ');
}
