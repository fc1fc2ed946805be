import type { FileDifference } from '../../model/difference.ts';
import { changeText, differingBytes, worstFiles } from '../leading.ts';
import { grouped } from '../numbers.ts';
import type { Paint } from './differences.ts';
import { cut } from './layout.ts';

const columns = { format: 10, change: 14, bytes: 10, unexplained: 12 } as const;
const columnsWidth = Object.values(columns).reduce((sum, column) => sum + column, 0);

/** The differing files that weigh most, each below the file that it lies in. */
export function fileTree(files: readonly FileDifference[], limit: number, width: number, paint: Paint): string[] {
  const { shown, leftOut } = worstFiles(files, limit);
  if (shown.length === 0) return [];
  const room = Math.max(width - columnsWidth, 12);
  const heading = row('differing files', ['format', 'change', 'bytes', 'unexplained'], room);
  const lines = shown.map((file) => {
    const parents = shown.filter(({ path }) => path !== '' && file.path.startsWith(`${path}/`));
    const above = parents.at(-1)?.path.length ?? -1;
    const name = file.path === '' ? '.' : file.path.slice(above + 1);
    return row(cut(`${'  '.repeat(Math.min(parents.length, 4))}${name}`, room - 1), cells(file), room);
  });
  const rest = leftOut === 0 ? [] : [`and ${grouped(leftOut)} more: --json or --format html`];
  return [paint.heading(heading), ...lines, ...rest];
}

function cells(file: FileDifference): [string, string, string, string] {
  return [
    cut(file.formats.join('+'), columns.format - 1),
    changeText(file),
    grouped(differingBytes(file)),
    grouped(file.unexplained),
  ];
}

function row(
  name: string,
  [format, change, bytes, unexplained]: readonly [string, string, string, string],
  room: number,
): string {
  return [
    name.padEnd(room),
    format.padEnd(columns.format),
    change.padEnd(columns.change),
    bytes.padStart(columns.bytes),
    unexplained.padStart(columns.unexplained),
  ].join('');
}
