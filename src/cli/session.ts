/** One run of one command: the flags that every command takes, and the ways to answer. */
import type { EngineKind } from '../engine/types.ts';
import { asciiJson } from '../format/ascii-json.ts';
import { guardLines } from '../format/printable.ts';
import type { Io } from './io.ts';

/** Options that every command takes. */
export interface GlobalFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** `--no-color` makes it false. */
  readonly color: boolean;
  readonly verbose?: boolean;
  readonly store?: string;
  readonly engine?: 'auto' | EngineKind;
  readonly mirror?: readonly string[];
  readonly snapshot?: string;
  readonly offline?: boolean;
  readonly config?: string;
}

export interface Session {
  readonly io: Io;
  readonly flags: GlobalFlags;
  /** Of samesource. */
  readonly version: string;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  readonly color: boolean;
  readonly columns: number;
  /** What the command is for: text that is already safe to show. */
  print(text: string): void;
  /** The answer in both its forms: one JSON document with `--json`, nothing with `--quiet`. */
  answer(document: unknown, text: () => string): void;
}

const defaultColumns = 80;

/** A terminal may say that it has no columns. */
export function screenWidth(screen: { readonly columns?: number }): number {
  return screen.columns === undefined || screen.columns <= 0 ? defaultColumns : screen.columns;
}

export function startSession(io: Io, flags: GlobalFlags, version: string, signal: AbortSignal): Session {
  const print = (text: string): void => void io.stdout.write(guardLines(text));
  return {
    io,
    flags,
    version,
    signal,
    color: wantsColor(io, flags),
    columns: screenWidth(io.stdout),
    print,
    answer: (document, text) => {
      if (flags.json === true) print(asciiJson(document));
      else if (flags.quiet !== true) print(text());
    },
  };
}

/** https://no-color.org, and FORCE_COLOR as Node reads it. */
export function wantsColor(io: Pick<Io, 'env' | 'stdout'>, flags: Pick<GlobalFlags, 'color'>): boolean {
  const { env } = io;
  if (!flags.color || (env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return io.stdout.isTTY === true && env['TERM'] !== 'dumb';
}
