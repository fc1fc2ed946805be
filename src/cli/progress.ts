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
  const spinner: Ora = ora({ stream: screen, isEnabled: true, discardStdin: false, color: color ? 'cyan' : false });
  let current = '';
  const fit = (text: string): string => printable(text).slice(0, Math.max(20, (screen.columns ?? 80) - 4));
  const finishStep = (): void => {
    if (current !== '') spinner.stopAndPersist({ symbol: '-', text: fit(current) });
    current = '';
  };
  return {
    step: (text) => {
      finishStep();
      current = text;
      spinner.start(fit(text));
    },
    update: (text) => {
      spinner.text = fit(`${current}: ${text}`);
    },
    note: (text) => {
      spinner.clear();
      screen.write(`${printable(text)}\n`);
      if (current !== '') spinner.render();
    },
    pause: finishStep,
    [Symbol.dispose]: () => {
      finishStep();
      spinner.stop();
    },
  };
}
