import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { printable } from '../../format/printable.ts';
import { detailed } from '../../ledger/cover.ts';
import { readLedger } from '../../ledger/open.ts';
import type { Reading } from '../../ledger/types.ts';
import type { Region } from '../../model/region.ts';
import { messageOf, SamesourceError } from '../../model/error.ts';
import { type OpenView, openView } from '../../platform/view.ts';
import { lateWorkshop } from '../late-workshop.ts';
import type { Session } from '../session.ts';

/** Prints the ledger of one file: every byte of it in one classified region. */
export async function ledger(session: Session, path: string): Promise<number> {
  using view = openFile(resolve(session.io.cwd, path), path);
  await using work = lateWorkshop(session);
  const reading = await readLedger(view, path.split('/').at(-1) ?? path, work.workshop);
  const regions = detailed(reading);
  session.answer(documentOf(path, view.size, reading, regions), () => textOf(path, view.size, reading, regions));
  return 0;
}

function openFile(at: string, path: string): OpenView {
  try {
    if (!statSync(at).isFile()) throw new Error('it is no regular file');
    return openView(at);
  } catch (error) {
    throw new SamesourceError('usage', `opening ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function documentOf(path: string, size: number, reading: Reading, regions: readonly Region[]): unknown {
  return {
    ledger: 1,
    path,
    size,
    format: reading.format,
    facts: reading.facts,
    regions: regions.map(({ at, size: length, class: kind, name, value }) => ({
      at,
      size: length,
      class: kind,
      name,
      ...(value === undefined ? {} : { value }),
    })),
    members: reading.members.map(({ key, type, size: length, fields }) => ({ path: key, type, size: length, fields })),
  };
}

function textOf(path: string, size: number, reading: Reading, regions: readonly Region[]): string {
  const facts = Object.entries(reading.facts).map(([name, value]) => `  ${printable(name)}: ${printable(value)}`);
  const width = String(size).length;
  const rows = regions.map(({ at, size: length, class: kind, name, value }) =>
    `${String(at).padStart(width)} ${String(length).padStart(width)}  ${kind.padEnd(9)}  ${printable(name)}${
      value === undefined ? '' : ` = ${printable(value)}`
    }`.trimEnd(),
  );
  const head = `${printable(path)}: ${reading.format}, ${size} bytes in ${regions.length} regions, none left over`;
  return `${[head, ...facts, '', `${'at'.padStart(width)} ${'size'.padStart(width)}  class      region`, ...rows].join('\n')}\n`;
}
