import { canonicalJson, isOrderKept } from '../formats/json.ts';
import { sortedAttributes } from '../formats/xml.ts';
import { wholeTexts } from '../lines.ts';
import type { CauseFinder } from '../types.ts';

/** The same JSON or XML, its keys or attributes in another order or laid out in another way. */
export const keyOrder: CauseFinder = {
  formats: ['text'],
  find(pair, open) {
    const texts = wholeTexts(pair);
    if (texts === undefined) return [];
    const [first] = texts;
    const what = /^\uFEFF?\s*[{[]/.test(first) ? json(texts) : xml(texts);
    return what === undefined ? [] : [{ claims: open, certainty: 'proved', ...what }];
  },
};

interface Told {
  readonly summary: string;
  readonly fix: string;
}

function json([released, rebuilt]: readonly [string, string]): Told | undefined {
  const [theirs, ours] = [canonicalJson(released), canonicalJson(rebuilt)];
  if (theirs === undefined || theirs !== ours || !isOrderKept(released, rebuilt)) return undefined;
  const isLayout = squeezed(released) === squeezed(rebuilt);
  const summary = isLayout ? 'the same JSON with other white space' : 'the same JSON with its keys in another order';
  return { summary, fix: 'write it with sorted keys: json.dumps(value, sort_keys=True), jq -S' };
}

/** Only compared with each other: spaces inside strings go too. */
function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, '');
}

function xml([released, rebuilt]: readonly [string, string]): Told | undefined {
  const theirs = sortedAttributes(released);
  if (theirs === undefined || theirs !== sortedAttributes(rebuilt)) return undefined;
  return { summary: 'the same XML with attributes in another order', fix: 'write attributes in a fixed order' };
}
