/** How an error is shown, in words and as JSON. */
import { printable } from '../format/printable.ts';
import { exitCodeOf, type SamesourceError } from '../model/error.ts';
import type { Io } from './io.ts';

export function showError(error: SamesourceError, io: Pick<Io, 'stderr'>): void {
  io.stderr.write(`error: ${printable(error.message)}\n`);
  if (error.hint !== undefined) io.stderr.write(`hint: ${printable(error.hint)}\n`);
}

/** What `--json` prints in place of an answer. */
export function errorDocument(error: SamesourceError): unknown {
  const { code, message, hint } = error;
  return { error: { code, message, hint }, exit: exitCodeOf(code) };
}
