import { isProgramText } from '../lines.ts';
import { andMore, tokenCause } from './token-cause.ts';

/** The name of a file of a moment; the made-up part is a few characters, and all else is equal. */
export const temporaryName = tokenCause('temporary-name', {
  summary: (first, distinct) => `the temporary name ${first.released} instead of ${first.rebuilt}${andMore(distinct)}`,
  // What a text says to run or to read may lie there.
  certainty: (edits, pair) => {
    const isPlain = edits.every(({ released }) => /\.(?:o|s|i|c|lo|res|ltrans[\w.]*)$/.test(released));
    const isRun = isProgramText(pair) || ['text', 'binary'].includes(pair.format);
    return isPlain || !isRun ? 'proved' : 'suspected';
  },
});
