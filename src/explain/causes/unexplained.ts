/** The last ones to be asked: they name what is left, and account for nothing. */
import type { Account, CauseFinder, Delta, Pair } from '../types.ts';

export const notRead: CauseFinder = {
  find: ({ note }, open) => (note === undefined ? [] : [{ claims: open, certainty: 'proved', summary: note }]),
};

export const changedText: CauseFinder = {
  formats: ['text'],
  find: (_pair, open) => [rest(open, 'lines that no known cause explains')],
};

/** Data in a file whose format is known. */
export const changedData: CauseFinder = {
  find: (pair, open) => (pair.format === 'binary' ? [] : [rest(open, ruledOut(pair))]),
};

/** Bytes in a file of which nothing is known. */
export const cannotTell: CauseFinder = {
  find: (pair, open) => [rest(open, ruledOut(pair))],
};

function rest(open: readonly Delta[], what: string): Account {
  const places = open.length === 1 ? 'one place' : `${open.length} places`;
  return { claims: open, certainty: 'suspected', summary: `${what}; in ${places}, from ${open[0]?.where ?? ''} on` };
}

function ruledOut({ format }: Pair): string {
  if (format === 'binary') return 'the format is not known, so only the bytes could be compared';
  return `no time, path, name, id or order in this ${format} file explains it`;
}
