/** The world as a command sees it: handed in, so that whole sessions can be tested in-process. */
import { exitCodeOf } from '../model/error.ts';

export type Screen = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
export type Keyboard = NodeJS.ReadableStream & { readonly isTTY?: boolean };

export interface Io {
  readonly stdin: Keyboard;
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Calls `handle` when the user interrupts; returns what stops listening. */
  onInterrupt(handle: () => void): () => void;
}

/** The world of this process. The first interrupt is handled, the second ends the process at once. */
export function processIo(): Io {
  for (const screen of [process.stdout, process.stderr]) {
    // The reader went away, as in `samesource … | head`: there is nobody left to tell.
    screen.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOSPC') process.exit(exitCodeOf('disk-full'));
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    onInterrupt,
  };
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const interruptedExit = 130;

function onInterrupt(handle: () => void): () => void {
  let count = 0;
  const listener = (): void => {
    count += 1;
    if (count > 1) process.exit(interruptedExit);
    handle();
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
