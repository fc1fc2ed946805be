/** What is said about each outcome and word of a document, in one place; and what no outcome says. */
import type { Certainty, Severity } from '../model/difference.ts';
import type { RegionClass } from '../model/region.ts';
import type { Outcome } from '../model/verdict.ts';
import type { Document } from './types.ts';

interface OutcomeProse {
  /** First on the screen. */
  readonly word: string;
  /** Of a verification. */
  readonly means: string;
  /** Of a comparison of two files, where nothing was built. */
  readonly compared: string;
  /** For a reader who knows none of our words: of one artifact, of several, and of two files compared. */
  readonly plain: { readonly one: string; readonly all: (count: number) => string; readonly compared: string };
}

const untrue = 'Nothing was decided, because what was given cannot be trusted.';

export const outcomeProse: Readonly<Record<Outcome, OutcomeProse>> = {
  identical: {
    word: 'IDENTICAL',
    means: 'Every artifact, built here from the source below, is bit for bit the file that was shipped.',
    compared: 'Bit for bit, over their whole length.',
    plain: {
      one: 'The released file is exactly what this source builds.',
      all: (count) => `All ${count} released files are exactly what this source builds.`,
      compared: 'The two files are exactly the same.',
    },
  },
  'identical-with-signature': {
    word: 'IDENTICAL WITH SIGNATURE',
    means: "The vendor's signature, moved onto what was built here, gives the shipped file bit for bit.",
    compared: 'The signature of the released file, moved onto the other, gives the released file bit for bit.',
    plain: {
      one: "But for the vendor's signature, the released file is exactly what this source builds.",
      all: (count) =>
        `But for the vendor's signature, all ${count} released files are exactly what this source builds.`,
      compared: 'But for the signature, the two files are exactly the same.',
    },
  },
  explained: {
    word: 'EXPLAINED',
    means:
      'The files differ, but only in bytes that an allowance declared by the claim covers. It counts as a match with --accept explained alone.',
    compared:
      'The files differ, but only in bytes that a declared allowance covers. It counts as a match with --accept explained alone.',
    plain: {
      one: 'The released file differs from what this source builds, but only where the claim declares it may.',
      all: () => 'The released files differ from what this source builds, but only where the claim declares they may.',
      compared: 'The two files differ, but only where that was declared to be allowed.',
    },
  },
  different: {
    word: 'DIFFERENT',
    means:
      'What was built here is not the file that was shipped: the claim does not hold as it is stated. ' +
      'What follows says where they differ, and why as far as that could be told.',
    compared: 'What follows says where the two differ, and why as far as that could be told.',
    plain: {
      one: 'The released file is not what this source builds.',
      all: (count) => `Not every one of the ${count} released files is what this source builds.`,
      compared: 'The two files are not the same.',
    },
  },
  undecided: {
    word: 'UNDECIDED',
    means: 'It could not be decided whether the shipped file comes from this source.',
    compared: 'It could not be decided whether the two are the same.',
    plain: {
      one: 'It could not be decided whether the released file comes from this source.',
      all: (count) => `It could not be decided whether all ${count} released files come from this source.`,
      compared: 'It could not be decided whether the two files are the same.',
    },
  },
  refused: {
    word: 'REFUSED',
    means: 'Something that was fetched or given is malformed, or is not what it was said to be. Nothing was decided.',
    compared: 'What was given is malformed or can be read in more than one way. Nothing was decided.',
    plain: { one: untrue, all: () => untrue, compared: untrue },
  },
};

/** The sentence after the word, for a person who works with this. */
export function meaning(document: Document): string {
  const { means, compared } = outcomeProse[document.outcome];
  return 'verdict' in document ? means : compared;
}

/** One plain sentence, for a person who does not. */
export function plainSentence(document: Document): string {
  const { plain } = outcomeProse[document.outcome];
  if ('comparison' in document) return plain.compared;
  return document.artifacts.length > 1 ? plain.all(document.artifacts.length) : plain.one;
}

const served = 'That other people were served the same file.';

/** What a match of this kind does not show: said with every result, whatever it is. */
export function notProved(document: Document): readonly string[] {
  if ('comparison' in document) {
    return ['Where either of the two comes from: nothing was built for this.', 'That they are free of malice.', served];
  }
  return [
    'That the source is free of malice.',
    'That the compiler is honest: equal results from equal compilers do not show it.',
    'That later updates match.',
    served,
  ];
}

export const severityProse: Readonly<Record<Severity, { readonly word: string; readonly means: string }>> = {
  grave: { word: 'GRAVE', means: 'may change what the file does' },
  notable: { word: 'NOTABLE', means: 'deserves a look: it was not shown to be harmless' },
  cosmetic: { word: 'COSMETIC', means: 'changes nothing that runs, and nothing else was left' },
};

/** Of causes that account for bytes, and of those that only name what differs. */
export const certaintyProse: Readonly<Record<Certainty, { readonly accounts: string; readonly names: string }>> = {
  proved: {
    accounts: 'applied to the rebuilt bytes, this cause gives the released ones',
    names: 'the bytes themselves show it',
  },
  suspected: {
    accounts: 'it looks like this cause, which was not proved',
    names: 'it looks like it, which was not proved',
  },
};

export const classProse: Readonly<Record<RegionClass, string>> = {
  structure: 'how the rest is read',
  metadata: 'said about the content',
  content: 'the content itself',
  derived: 'follows from other bytes',
  padding: 'filling without meaning',
  signature: 'a signature',
  debug: 'for debuggers only',
  overlay: 'after the end of the program',
  opaque: 'bytes without a name',
};
