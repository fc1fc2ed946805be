/** What is said about each outcome, in one place; and what no outcome says. */
import type { Outcome } from '../model/verdict.ts';

interface OutcomeProse {
  /** First on the screen. */
  readonly word: string;
  readonly means: string;
}

export const outcomeProse: Readonly<Record<Outcome, OutcomeProse>> = {
  identical: {
    word: 'IDENTICAL',
    means: 'Every artifact, built here from the source below, is bit for bit the file that was shipped.',
  },
  'identical-with-signature': {
    word: 'IDENTICAL WITH SIGNATURE',
    means: "The vendor's signature, moved onto what was built here, gives the shipped file bit for bit.",
  },
  explained: {
    word: 'EXPLAINED',
    means: 'The files differ, but only in bytes that an allowance declared by the claim covers.',
  },
  different: {
    word: 'DIFFERENT',
    means:
      'What was built here is not the file that was shipped. This says that the claim does not hold as it is ' +
      'stated; it does not say why.',
  },
  undecided: {
    word: 'UNDECIDED',
    means: 'It could not be decided whether the shipped file comes from this source.',
  },
  refused: {
    word: 'REFUSED',
    means: 'Something that was fetched or given is malformed, or is not what it was said to be. Nothing was decided.',
  },
};

export const notProved =
  'That the source is free of malice. That the compiler is honest: equal results from equal compilers do not show it. ' +
  'That later updates match. That other people were served the same file.';
