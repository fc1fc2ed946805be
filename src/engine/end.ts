/** How a build ended, from the exit status that engines hand on. */
import { constants } from 'node:os';
import type { RunEnd } from './types.ts';

/** Signals by which a kernel or a person ends a program; others are a program's own exit code. */
const fatal = ['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGTERM', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSYS', 'SIGXFSZ'] as const;

/** Shells and engines say 128 + N for a program that signal N ended. */
export function endOf(code: number): RunEnd {
  const signal = fatal.find((name) => constants.signals[name] === code - 128);
  return signal === undefined ? { kind: 'exited', code } : { kind: 'killed', signal };
}
