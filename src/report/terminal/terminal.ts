/** One screen for a person: the word first, then what it rests on, then what it does not say. */
import { Chalk, type ChalkInstance } from 'chalk';
import { guardLines } from '../../format/printable.ts';
import { errorCodes } from '../../model/error.ts';
import type { Outcome, Reason, Verdict } from '../../model/verdict.ts';
import { notProved, outcomeProse } from '../prose.ts';
import type { ReportOptions } from '../types.ts';
import { artifactLines } from './artifacts.ts';
import { differenceLines } from './differences.ts';
import { groundLines } from './grounds.ts';
import { byteCount, field, paragraph } from './layout.ts';
import { repeatCommand } from './repeat.ts';

const screenWidth = 80;

export function terminal(verdict: Verdict, options: ReportOptions): string {
  const chalk = new Chalk({ level: options.color ? 1 : 0 });
  const width = Math.min(options.columns, screenWidth);
  const sections = [
    headline(verdict, chalk, width),
    artifactLines(verdict, width),
    differenceLines(verdict, width),
    groundLines(verdict, width),
    notes(verdict, width),
    `${chalk.bold('What this does not prove')}\n${paragraph(notProved, width)}`,
    `${chalk.bold('To repeat it')}\n${repeatCommand(verdict, width)}`,
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

function headline(verdict: Verdict, chalk: ChalkInstance, width: number): string {
  const { word, means } = outcomeProse[verdict.outcome];
  return [
    chalk.bold[colors[verdict.outcome]](word),
    paragraph(means, width),
    '',
    field('claim', verdict.claim.name, width),
    ...reasonLines(verdict.reason, width),
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

function notes(verdict: Verdict, width: number): string {
  const log = verdict.build?.log;
  return [
    ...(log === undefined ? [] : [field('build log', `${log.path} (${byteCount(log.size)})`, width)]),
    ...(log?.tail ?? []).map((line) => paragraph(`| ${line}`, width, 2)),
    ...verdict.notes.map((note, index) => field(index === 0 ? 'notes' : '', note, width)),
  ].join('\n');
}
