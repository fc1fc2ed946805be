/** How a verdict or a comparison reaches the reader: on the screen or in a file. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf, SamesourceError } from '../model/error.ts';
import { reporters } from '../report/index.ts';
import type { Document, Reporter, ReportFormat } from '../report/types.ts';
import type { Session } from './session.ts';

/** `--json` goes before any other format; `--quiet` leaves out what is for the eye. */
export async function showDocument(session: Session, document: Document, format?: ReportFormat): Promise<void> {
  const chosen = session.flags.json === true ? 'json' : (format ?? 'terminal');
  if (chosen === 'terminal' && session.flags.quiet === true) return;
  const report: Reporter = await reporters[chosen]();
  // Each format has its own way to keep text from outside from being read as a command.
  session.io.stdout.write(report(document, { color: session.color, columns: session.columns }));
}

/** The document as its schema has it, to stand among others. */
export async function documentOf(document: Document): Promise<unknown> {
  return JSON.parse(await asJson(document));
}

/** @throws SamesourceError `usage` if the file cannot be written */
export async function saveDocument(session: Session, file: string, document: Document): Promise<void> {
  await saveReport(session, file, await asJson(document));
}

/** @throws SamesourceError `usage` if the file cannot be written */
export async function saveReport({ io }: Session, file: string, text: string): Promise<void> {
  try {
    await writeFile(resolve(io.cwd, file), text);
  } catch (error) {
    throw new SamesourceError('usage', `writing the report: ${messageOf(error)}`, { cause: error });
  }
}

async function asJson(document: Document): Promise<string> {
  const json = await reporters.json();
  return json(document);
}
