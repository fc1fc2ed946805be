import type { SecondOpinion } from '../model/comparison.ts';

/** One sentence on what the other tool found; the report follows it. */
export function opinionSentence({ by, end }: SecondOpinion): string {
  switch (end) {
    case 'no-difference':
      return `${by} sees no difference.`;
    case 'difference':
      return `${by} sees a difference.`;
    case 'failed':
      return `${by} failed.`;
    case 'not-installed':
      return `${by} is not installed here.`;
  }
}

/** The first lines of the report, and how many there are more. */
export function opinionLines(
  { text }: SecondOpinion,
  most: number,
): { readonly lines: string[]; readonly more: number } {
  const lines = plain(text)
    .split('\n')
    .filter((line, index, all) => line !== '' || index < all.length - 1);
  return { lines: lines.slice(0, most), more: Math.max(0, lines.length - most) };
}

/** Its tree is drawn with lines that are not shown as they are. */
function plain(text: string): string {
  return text.replaceAll(/[│├└┄┌╵]/g, '|').replaceAll('─', '-');
}
