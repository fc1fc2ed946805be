import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf, SamesourceError } from '../model/error.ts';
import type { Session } from './session.ts';

/** @throws SamesourceError `usage` if the file cannot be written */
export async function saveReport({ io }: Session, file: string, text: string): Promise<void> {
  try {
    await writeFile(resolve(io.cwd, file), text);
  } catch (error) {
    throw new SamesourceError('usage', `writing the report: ${messageOf(error)}`, { cause: error });
  }
}
