import type { Difference, Evidence, Sample } from '../../model/difference.ts';
import { type CauseGroup, groupCauses, placesOf } from '../cause-groups.ts';
import { causeProse, fixesOf } from '../cause-prose.ts';
import { changeText, differingBytes, extent, worstFiles } from '../leading.ts';
import { counted, grouped, offsetText } from '../numbers.ts';
import { severityProse } from '../prose.ts';
import type { Subject } from '../subjects.ts';
import { code, fenced } from './escape.ts';
import { folded, table } from './table.ts';

/** A step summary may hold 1 MiB; it says how much was left out. */
const most = { causes: 20, evidence: 3, files: 100, allowed: 50, hexBytes: 24 } as const;

export function differenceBlocks(subjects: readonly Subject[]): string[] {
  const differing = subjects.flatMap(({ name, difference }) =>
    difference === undefined ? [] : [{ name, difference }],
  );
  return differing.flatMap(({ name, difference }) => [
    `<h3>Why they differ</h3>`,
    `${differing.length > 1 ? `${code(name)}: ` : ''}${extent(difference)}.`,
    ...causeBlocks(difference),
    ...allowedBlocks(difference),
    ...fileBlocks(difference),
  ]);
}

function causeBlocks(difference: Difference): string[] {
  const groups = groupCauses(difference.causes);
  if (groups.length === 0) return [];
  const shown = groups.slice(0, most.causes);
  const rows = shown.map((group) => [
    severityProse[group.worst.severity].word,
    `${causeProse[group.worst.kind].title}, ${group.worst.certainty}`,
    placesOf(group, code),
    code(group.worst.summary),
    grouped(group.explains),
    group.count === 1 ? grouped(group.worst.residual) : '',
  ]);
  const left = groups.length - shown.length;
  return [
    table(['', 'cause', 'where', 'what was seen', 'bytes explained', 'left'], rows, [4, 5]),
    ...(left === 0 ? [] : [`And ${counted(left, 'more cause')}.`]),
    folded('Evidence, and what would fix it', shown.map(oneGroup).join('\n\n')),
  ];
}

function oneGroup({ worst }: CauseGroup): string {
  const { title, why } = causeProse[worst.kind];
  const { exact, usual } = fixesOf(worst);
  const shown = worst.evidence.slice(0, most.evidence);
  const more = worst.evidence.length - shown.length + worst.evidenceLeftOut;
  const fix = [...(exact === undefined ? [] : [code(exact)]), ...(usual === undefined ? [] : [inertProse(usual)])];
  return [
    `**${title}.** ${why} Fix: ${fix.join(' ')}`,
    ...(shown.length === 0 ? [] : [`\`\`\`\n${shown.flatMap(evidenceLines).join('\n')}\n\`\`\``]),
    ...(more === 0 ? [] : [`And ${counted(more, 'more place')}.`]),
  ].join('\n\n');
}

/** Our own words, but they name flags: `*`, `_` and `<` of a flag are no markup. */
function inertProse(text: string): string {
  return text.replaceAll(/[*_<>$~[\]\\|`]/g, (one) => `\\${one}`);
}

function evidenceLines({ where, released, rebuilt }: Evidence): string[] {
  return [fenced(where), fenced(`  released ${sampleText(released)}`), fenced(`  rebuilt  ${sampleText(rebuilt)}`)];
}

function sampleText(sample: Sample | undefined): string {
  if (sample === undefined) return 'nothing';
  const hex = (sample.hex?.match(/../g) ?? []).slice(0, most.hexBytes).join(' ');
  return [offsetText(sample.at), hex, sample.text ?? ''].filter((part) => part !== '').join('  ');
}

function fileBlocks({ files }: Difference): string[] {
  if (files.length === 0) return [];
  const { shown, leftOut } = worstFiles(files, most.files);
  const rows = shown.map((file) => [
    file.path === '' ? '(the file itself)' : code(file.path),
    file.formats.map(code).join(' '),
    changeText(file),
    grouped(differingBytes(file)),
    grouped(file.unexplained),
  ]);
  const body = table(['file', 'format', 'how', 'differing bytes', 'unexplained'], rows, [3, 4]);
  const rest = leftOut === 0 ? '' : `\n\nAnd ${counted(leftOut, 'more file')}.`;
  return [folded(`Where they differ: ${counted(files.length, 'file')}`, `${body}${rest}`)];
}

function allowedBlocks({ allowed = [] }: Difference): string[] {
  if (allowed.length === 0) return [];
  const rows = allowed
    .slice(0, most.allowed)
    .map(({ allowance, path, regions, released, rebuilt }) => [
      code(allowance),
      path === '' ? '(the file itself)' : code(path),
      grouped(regions),
      code(released),
      code(rebuilt),
    ]);
  return [
    table(['allowed', 'file', 'regions', 'SHA-256 of the released bytes', 'of the rebuilt bytes'], rows, [2]),
    ...(allowed.length > most.allowed ? [`And ${counted(allowed.length - most.allowed, 'more allowance')}.`] : []),
  ];
}
