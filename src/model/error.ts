/**
 * The one error class and its closed table of codes.
 *
 * A mismatch is a result and never an error. An error says that a stage could not go on, and its
 * code decides the exit code and, inside a verification, the outcome that the verdict records.
 */

/** Exit codes, the same for every verb that decides something. */
export const exitCodes = {
  match: 0,
  mismatch: 1,
  undecided: 2,
  policy: 3,
  refused: 4,
  usage: 64,
  bug: 70,
  interrupted: 130,
} as const;

export type ExitName = keyof typeof exitCodes;

interface ErrorKind {
  readonly exit: ExitName;
  readonly means: string;
}

export const errorCodes = {
  usage: { exit: 'usage', means: 'the command line cannot be understood' },
  'lock-missing': { exit: 'usage', means: 'the claim has no lock file yet' },
  'settings-invalid': { exit: 'usage', means: 'the user configuration cannot be read' },
  bug: { exit: 'bug', means: 'samesource itself failed' },
  interrupted: { exit: 'interrupted', means: 'stopped by the user before a verdict' },

  'claim-invalid': { exit: 'refused', means: 'the claim or its lock is malformed' },
  'lock-stale': { exit: 'refused', means: 'the lock was made for another version of the claim' },
  'digest-mismatch': { exit: 'refused', means: 'a file is not the one that was named by its digest' },
  'digest-disagreement': { exit: 'refused', means: 'two implementations of a digest gave two results' },
  'too-large': { exit: 'refused', means: 'a file or answer is larger than was announced or allowed' },
  'signature-invalid': { exit: 'refused', means: 'a required signature is missing, bad or by an unknown key' },
  'ref-moved': { exit: 'refused', means: 'a tag no longer names the commit that was reviewed' },
  'source-mismatch': { exit: 'refused', means: 'the source is not the tree that the claim names' },
  'archive-unsafe': { exit: 'refused', means: 'an archive escapes its directory, is ambiguous or a bomb' },
  'artifact-in-source': { exit: 'refused', means: 'the released file itself lies among the inputs of the build' },
  'output-unsafe': { exit: 'refused', means: 'the build left something other than a regular file at an output path' },

  'source-unavailable': { exit: 'undecided', means: 'the source could not be fetched' },
  'artifact-unavailable': { exit: 'undecided', means: 'the released file could not be fetched' },
  'toolchain-unavailable': { exit: 'undecided', means: 'the toolchain could not be fetched or resolved' },
  'engine-unavailable': { exit: 'undecided', means: 'no engine can run a build here' },
  'build-failed': { exit: 'undecided', means: 'the build ended with an error' },
  'build-timeout': { exit: 'undecided', means: 'the build passed its time limit and was stopped' },
  'build-out-of-memory': { exit: 'undecided', means: 'the build passed its memory limit and was stopped' },
  'build-out-of-disk': { exit: 'undecided', means: 'the build passed its disk limit and was stopped' },
  'output-missing': { exit: 'undecided', means: 'the build did not produce the file that the claim names' },
  nondeterministic: { exit: 'undecided', means: 'the build gives other bytes each time' },
  'nothing-to-compare': { exit: 'undecided', means: 'both sides are empty: that they are equal says nothing' },
  unsupported: { exit: 'undecided', means: 'this is not supported yet' },
  unreachable: { exit: 'undecided', means: 'a server could not be reached or did not answer' },
  'store-busy': { exit: 'undecided', means: 'another run is using the store' },
  'disk-full': { exit: 'undecided', means: 'there is no room left on the disk' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorOptions {
  readonly cause?: unknown;
  /** What to type or change next; shown on a line of its own. */
  readonly hint?: string;
}

/** Message: lower case, no final period, with the value that is at fault. */
export class SamesourceError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SamesourceError';
    this.code = code;
    this.hint = options.hint;
  }
}

export function exitCodeOf(code: ErrorCode): number {
  return exitCodes[errorCodes[code].exit];
}

/** Gives an error that crosses a boundary the boundary's own code, and keeps a refusal a refusal. */
export function recode(error: unknown, code: ErrorCode, doing: string): SamesourceError {
  if (error instanceof SamesourceError && !recodable.has(error.code)) return error;
  const full = noRoomLeft(error, doing);
  if (full !== undefined) return full;
  const hint = error instanceof SamesourceError ? error.hint : undefined;
  return new SamesourceError(code, `${doing}: ${messageOf(error)}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What the system says of a full disk, wherever it was met, is never the fault of what was being done. */
export function noRoomLeft(error: unknown, doing: string): SamesourceError | undefined {
  if (!(error instanceof Error) || !('code' in error) || (error.code !== 'ENOSPC' && error.code !== 'EDQUOT')) {
    return undefined;
  }
  return new SamesourceError('disk-full', `${doing}: no room left on the disk`, {
    cause: error,
    hint: 'free some room, or run: samesource store gc',
  });
}

/** What was said, by whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const recodable: ReadonlySet<ErrorCode> = new Set(['unreachable']);
