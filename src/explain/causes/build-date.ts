import type { Certainty } from '../../model/difference.ts';
import { isEpoch } from '../strings.ts';
import type { TokenEdit } from '../tokens.ts';
import type { Pair } from '../types.ts';
import { andMore, tokenCause } from './token-cause.ts';

/** The time of the build, written into the file as text. */
export const buildDate = tokenCause('build-date', {
  summary: (first, distinct) => `built at ${first.released} instead of ${first.rebuilt}${andMore(distinct)}`,
  certainty: (edits, pair) => (edits.every((edit) => isBuildTime(edit, pair)) ? ofOneMoment(edits) : 'suspected'),
  fix: 'SOURCE_DATE_EPOCH',
});

const words =
  /(?:^|[^a-z])(?:re)?(?:buil[dt]|compil|generat|creat|produc|packag|made|render|writ|timestamp|stamp|epoch|releas|chang|updat|modif|date)/i;
const others = /\b(?:expir\w*|valid\w*|until|not|before|after|ends?|due|trial|start\w*|deadline|cut-?off)\b/i;
/** As the preprocessor writes `__DATE__` and `__TIME__`. */
const compiled = /^[A-Z][a-z]{2} [ \d]\d \d{4}$/;
const compiledTime = /^\d\d:\d\d:\d\d$/;

/** Any date may be one that a program acts on, and any number of ten digits an address: what stands before it tells. */
function isBuildTime({ released, rebuilt, before }: TokenEdit, { format }: Pair): boolean {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  if (others.test(line)) return false;
  if (words.test(line)) return true;
  if (format === 'text' || format === 'binary') return false;
  const both = (style: RegExp): boolean => style.test(released) && style.test(rebuilt);
  return both(compiled) || (both(compiledTime) && /(?:^|\0|\d{4} )$/.test(line));
}

/** Proved if the released dates tell one moment: each way of writing one has one value, all of one day. */
function ofOneMoment(edits: readonly TokenEdit[]): Certainty {
  const byStyle = new Map<string, Set<string>>();
  for (const { released } of edits) {
    const style = released
      .replaceAll(/[A-Za-z]+/g, 'a')
      .replaceAll(/ +/g, ' ')
      .replaceAll(/\d+/g, '0');
    byStyle.set(style, (byStyle.get(style) ?? new Set()).add(released));
  }
  const single = [...byStyle.values()].every((values) => values.size === 1);
  const moments = [...byStyle.values()]
    .flatMap((values) => [...values].map(momentOf))
    .filter((one) => !Number.isNaN(one));
  // Zones of the world lie up to 26 hours apart.
  const spread = moments.length === 0 ? 0 : Math.max(...moments) - Math.min(...moments);
  return single && spread <= 26 * 3_600_000 ? 'proved' : 'suspected';
}

/** Milliseconds; NaN for a time of day alone, or what is not read. */
function momentOf(text: string): number {
  if (isEpoch(text)) return Number(text) * 1000;
  const plain = /^(\d{4})(\d\d)(\d\d)/.exec(text);
  if (plain !== null) return Date.UTC(Number(plain[1]), Number(plain[2]) - 1, Number(plain[3]));
  return /\d{4}/.test(text) ? Date.parse(`${text} UTC`) || Date.parse(text) : Number.NaN;
}
