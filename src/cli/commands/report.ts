import { stat } from 'node:fs/promises';
import { readText } from '../../platform/files.ts';
import { resolve } from 'node:path';
import { messageOf, SamesourceError } from '../../model/error.ts';
import { readDocument } from '../../report/read-document.ts';
import type { ReportFormat } from '../../report/types.ts';
import type { Session } from '../session.ts';
import { showDocument } from '../show-document.ts';

/** A report carries the bytes that it shows, and no more. */
const largest = 256 * 1024 * 1024;

/** Shows a stored verdict or comparison again, in any format. @returns 0: what it says was decided before */
export async function report(session: Session, path: string, format: ReportFormat): Promise<number> {
  const document = readDocument(await readJson(resolve(session.io.cwd, path), path));
  await showDocument(session, document, format);
  return 0;
}

async function readJson(at: string, path: string): Promise<unknown> {
  // A pipe that nobody writes to would be waited for without end.
  if ((await stat(at).catch(() => undefined))?.isFile() === false) {
    throw new SamesourceError('usage', `${path} is no regular file`);
  }
  const text = await readText(at, largest).catch((error: unknown) => {
    throw new SamesourceError('usage', `reading ${path}: ${messageOf(error)}`, { cause: error });
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SamesourceError('usage', `${path} is no JSON: ${messageOf(error)}`, { cause: error });
  }
}
