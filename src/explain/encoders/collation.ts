/** Orders in which programs sort names and lines. */
export type Collation = 'the C locale' | 'the order of a language' | 'the order of a language, without punctuation';

const plain = new Intl.Collator('en');
const shifted = new Intl.Collator('en', { ignorePunctuation: true });

const collations: Readonly<Record<Collation, (a: string, b: string) => number>> = {
  'the C locale': byBytes,
  'the order of a language': (a, b) => plain.compare(a, b) || byBytes(a, b),
  'the order of a language, without punctuation': (a, b) => shifted.compare(a, b) || byBytes(a, b),
};

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The order that the list is in; undefined if it is in none of them. */
export function collationOf(list: readonly string[]): Collation | undefined {
  for (const [name, compare] of Object.entries(collations)) {
    const isSorted = list.every((one, index) => index === 0 || compare(list[index - 1] ?? '', one) <= 0);
    if (isSorted) return name as Collation;
  }
  return undefined;
}
