/** What each exit code means, in one place: the help and `explain-exit` say it. */
import { errorCodes, exitCodes, type ErrorCode, type ExitName } from '../model/error.ts';

export const exitProse: Readonly<Record<ExitName, string>> = {
  match:
    'every artifact is identical, or identical once the signature of the vendor is moved onto it ' +
    '(or explained, if the claim declares the allowance and --accept explained was given)',
  mismatch: 'what was built is not what was shipped',
  undecided: 'something was not available, or the build did not end well',
  policy: 'evidence is missing or too old',
  refused: 'the input is hostile, tampered with or malformed',
  usage: 'the command line or the configuration cannot be understood',
  bug: 'a bug in samesource',
  interrupted: 'stopped by the user before there was a verdict',
};

/** For the end of the help. */
export const exitLine = `Exit codes: ${Object.entries(exitCodes)
  .map(([name, code]) => `${code} ${name}`)
  .join(', ')}.
            samesource explain-exit CODE says more.`;

export function exitName(code: number): ExitName | undefined {
  return (Object.keys(exitCodes) as ExitName[]).find((name) => exitCodes[name] === code);
}

/** Error codes that end in an exit code, with what they mean. */
export function errorsOf(exit: ExitName): readonly { readonly code: ErrorCode; readonly means: string }[] {
  return (Object.keys(errorCodes) as ErrorCode[])
    .filter((code) => errorCodes[code].exit === exit)
    .map((code) => ({ code, means: errorCodes[code].means }));
}
