/** Words in, exit code out. The only place that catches an error, prints it and chooses the code. */
import { setMaxListeners } from 'node:events';
import { asciiJson } from '../format/ascii-json.ts';
import { printable } from '../format/printable.ts';
import { exitCodeOf, exitCodes, noRoomLeft, SamesourceError } from '../model/error.ts';
import { errorDocument, showError } from './errors.ts';
import type { Io } from './io.ts';
import { buildProgram, isAnswered, usageOf } from './program.ts';

/** @param argv the words after the program's own name */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const interrupt = new AbortController();
  // Every download and process of a run listens to it.
  setMaxListeners(0, interrupt.signal);
  const stopListening = io.onInterrupt(() => interrupt.abort(new SamesourceError('interrupted', 'stopped')));
  let code: number = exitCodes.bug;
  try {
    const program = buildProgram(io, interrupt.signal, (chosen) => {
      code = chosen;
    });
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (isAnswered(error)) return exitCodes.match;
    return fail(interrupt.signal.aborted ? interrupt.signal.reason : error, argv, io);
  } finally {
    stopListening();
  }
}

function fail(thrown: unknown, argv: readonly string[], io: Io): number {
  const error =
    thrown instanceof SamesourceError ? thrown : (usageOf(thrown) ?? noRoomLeft(thrown, 'writing') ?? bug(thrown));
  const exit = exitCodeOf(error.code);
  if (argv.includes('--json')) io.stdout.write(asciiJson(errorDocument(error)));
  showError(error, io);
  if (error.code === 'bug' && wantsStack(argv, io)) io.stderr.write(stackLines(error));
  return exit;
}

function bug(thrown: unknown): SamesourceError {
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new SamesourceError('bug', `samesource failed: ${message}`, {
    cause: thrown,
    hint: 'this is a bug; run it again with --verbose and report what it says',
  });
}

function wantsStack(argv: readonly string[], io: Io): boolean {
  return argv.includes('--verbose') || (io.env['SAMESOURCE_DEBUG'] ?? '') !== '';
}

function stackLines(error: SamesourceError): string {
  const origin = error.cause instanceof Error ? error.cause : error;
  return (origin.stack ?? '')
    .split('\n')
    .map((line) => `  ${printable(line)}\n`)
    .join('');
}
