/** What is going on, on stderr: a moving line on a terminal, plain lines elsewhere, nothing if quiet. */
import ora, { type Ora } from 'ora';
import { printable } from '../format/printable.ts';
import { silent, type Progress } from '../model/progress.ts';
import type { Screen } from './io.ts';

export interface LiveProgress extends Progress, Disposable {
  /** Clears the moving line, so that other text can be printed. */
  pause(): void;
}

export interface ProgressOptions {
  readonly screen: Screen;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function createProgress(options: ProgressOptions): LiveProgress {
  if (options.quiet) return { ...silent, pause: () => {}, [Symbol.dispose]: () => {} };
  return canMove(options) ? moving(options) : plain(options.screen);
}

/** A terminal may say that it has no columns, as `script` does without one of its own: ora would never end. */
function canMove({ screen, env }: ProgressOptions): boolean {
  const hasWidth = screen.columns === undefined || screen.columns > 0;
  return screen.isTTY === true && hasWidth && !isSet(env['CI']) && env['TERM'] !== 'dumb';
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0';
}

/** One line per step: no colour, no control characters. */
function plain(screen: Screen): LiveProgress {
  const line = (text: string): void => void screen.write(`${printable(text)}\n`);
  return { step: line, update: () => {}, note: line, pause: () => {}, [Symbol.dispose]: () => {} };
}

function moving({ screen, color }: ProgressOptions): LiveProgress {
  let current = '';
  /** A note has put the step above itself, where it stays. */
  let above = false;
  let began = 0;
  const spinner: Ora = ora({
    stream: screen,
    isEnabled: true,
    discardStdin: false,
    color: color ? 'cyan' : false,
    suffixText: () => elapsed(performance.now() - began),
  });
  const fit = (text: string): string => printable(text).slice(0, Math.max(20, (screen.columns ?? 80) - reserved));
  const persist = (): void => {
    if (!above) spinner.stopAndPersist({ symbol: '-', text: fit(current) });
    else spinner.stop();
  };
  const finishStep = (): void => {
    if (current !== '') persist();
    current = '';
  };
  return {
    step: (text) => {
      finishStep();
      current = text;
      above = false;
      began = performance.now();
      spinner.start(fit(text));
    },
    update: (text) => {
      spinner.text = fit(`${current}: ${text}`);
    },
    note: (text) => {
      if (current !== '') persist();
      above = true;
      screen.write(`${printable(text)}\n`);
      if (current !== '') spinner.start(fit(current));
    },
    pause: finishStep,
    [Symbol.dispose]: () => {
      finishStep();
      spinner.stop();
    },
  };
}

/** Columns for the symbol and the time. */
const reserved = 14;
const shownFromMs = 5000;

/** So that a long build is seen to go on. */
function elapsed(ms: number): string {
  if (ms < shownFromMs) return '';
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
