import { collationOf } from '../encoders/collation.ts';
import { isProgramText, wholeTexts } from '../lines.ts';
import type { CauseFinder } from '../types.ts';

/**
 * The same lines in another order; proved if sorting ours gives the released ones. Not in a program:
 * there the order of lines is what it does.
 */
export const lineOrder: CauseFinder = {
  formats: ['text'],
  find(pair, open) {
    const texts = wholeTexts(pair);
    if (texts === undefined) return [];
    const [theirs, ours] = changedPart(...texts);
    if (theirs.length < 2 || theirs.length !== ours.length || !isSameSet(theirs, ours)) return [];
    const [left, right] = [collationOf(theirs), collationOf(ours)];
    if (isProgramText(pair)) return [];
    const isList = !isOrderedPlace.test(pair.path) && theirs.every((line) => isListed.test(line));
    const proved =
      isList && left !== undefined && (theirs.length >= fewest || collationOf(linesOf(texts[0])) !== undefined);
    const summary = `the same ${theirs.length} lines in another order: ${told(left)} released, ${told(right)} rebuilt`;
    const fix = 'LC_ALL=C sort';
    return [{ claims: open, certainty: proved ? 'proved' : 'suspected', summary, fix }];
  },
};

/** A name or a path, with a digest before it perhaps: lines of settings have more words, and are read in order. */
const isListed = /^(?:[\da-fA-F]{32,128} [ *])?\S*$/;
/** Where the first name that fits is taken. */
const isOrderedPlace = /(?:^|\/)(?:etc|META-INF\/services)\//;

/** Fewer lines may stand in order by chance. */
const fewest = 5;

function linesOf(content: string): string[] {
  return content.replace(/\n$/, '').split('\n');
}

/** Without the lines that both begin and both end with. */
function changedPart(released: string, rebuilt: string): readonly [string[], string[]] {
  const [a, b] = [released.split('\n'), rebuilt.split('\n')];
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < shorter - start && a[a.length - end - 1] === b[b.length - end - 1]) end += 1;
  return [a.slice(start, a.length - end), b.slice(start, b.length - end)];
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  const [left, right] = [a.toSorted(), b.toSorted()];
  return left.every((line, index) => line === right[index]);
}

function told(collation: string | undefined): string {
  return collation === undefined ? 'in no sorted order' : `sorted by ${collation}`;
}
