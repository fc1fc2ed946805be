/** A text file of a pair, and its differing lines. */
import { bothBytes, isTwoSided } from './spans.ts';
import type { Delta, Pair, Side } from './types.ts';

/** Larger ones are not parsed as a whole. */
const largest = 16 * 1024 * 1024;

/** The whole text of both sides; undefined if that is no text, or too much. */
export function wholeTexts({
  format,
  released,
  rebuilt,
}: Pair): readonly [released: string, rebuilt: string] | undefined {
  if (format !== 'text') return undefined;
  const [theirs, ours] = [wholeText(released), wholeText(rebuilt)];
  return theirs === undefined || ours === undefined ? undefined : [theirs, ours];
}

function wholeText({ view }: Side): string | undefined {
  return view.size > largest ? undefined : view.read(0, view.size).toString('utf8');
}

/** The last part of the file's name, in lower case. */
export function fileName({ path }: Pair): string {
  return path.slice(path.lastIndexOf('/') + 1).toLowerCase();
}

export interface LinePair {
  readonly delta: Delta;
  /** Without the end of the line. */
  readonly released: string;
  readonly rebuilt: string;
}

/** A line is nothing that a finder reads if it is longer. */
const longestLine = 64 * 1024;

/** The deltas that are one line on each side. */
export function changedLines(pair: Pair, open: readonly Delta[]): LinePair[] {
  return open.flatMap((delta) => {
    const lines = linesOf(pair, delta);
    const [theirs, ours] = [lines?.released, lines?.rebuilt];
    if (theirs?.length !== 1 || ours?.length !== 1) return [];
    const [released = '', rebuilt = ''] = [theirs[0], ours[0]];
    return [{ delta, released, rebuilt }];
  });
}

/** The whole lines of a delta; undefined if it breaks off inside of one, or the ends of lines differ. */
export function linesOf(
  pair: Pair,
  delta: Delta,
): { readonly released: readonly string[]; readonly rebuilt: readonly string[] } | undefined {
  if (!isTwoSided(delta) || Math.max(delta.released.size, delta.rebuilt.size) > longestLine) return undefined;
  if (!isWhole(pair.released, delta.released) || !isWhole(pair.rebuilt, delta.rebuilt)) return undefined;
  const bytes = bothBytes(pair, delta);
  if (bytes === undefined) return undefined;
  const [theirs, ours] = bytes.map((one) => one.toString('utf8'));
  if (theirs === undefined || ours === undefined) return undefined;
  if (/\r?\n?$/.exec(theirs)?.[0] !== /\r?\n?$/.exec(ours)?.[0]) return undefined;
  const split = (text: string): string[] => text.replace(/\r?\n$/, '').split(/\r?\n/);
  return { released: split(theirs), rebuilt: split(ours) };
}

const lineFeed = 0x0a;

function isWhole({ view }: Side, { at, size }: { readonly at: number; readonly size: number }): boolean {
  const end = at + size;
  const starts = at === 0 || view.read(at - 1, 1)[0] === lineFeed;
  return starts && size > 0 && (end === view.size || view.read(end - 1, 1)[0] === lineFeed);
}

const code =
  /\.(?:sh|bash|py|js|mjs|cjs|ts|rb|pl|php|lua|c|cc|cpp|h|hpp|java|go|rs|css|sql|mk|cmake|bat|cmd|ps1|ya?ml|toml|ini|conf|cfg|env|service|timer|rules)$/;

/** Whether a text is a program or its settings, in which every line does what it says. */
export function isProgramText(pair: Pair): boolean {
  const [content] = wholeTexts(pair) ?? [];
  if (content === undefined) return false;
  return content.startsWith('#!') || code.test(fileName(pair)) || /[;{}]\s*$/m.test(content);
}
