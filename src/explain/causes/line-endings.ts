import { fileName, wholeTexts } from '../lines.ts';
import type { CauseFinder, Delta, Pair } from '../types.ts';

const mark = '\uFEFF';

/** The same lines with other ends, with or without a byte order mark or an end of the last line. */
export const lineEndings: CauseFinder = {
  formats: ['text'],
  find(pair, open) {
    const texts = wholeTexts(pair);
    if (texts === undefined) return [];
    const [released, rebuilt] = texts;
    const fix = '.gitattributes: * text eol=lf';
    const told = `${style(released)} released, ${style(rebuilt)} rebuilt`;
    if (plain(released) !== plain(rebuilt)) {
      const claims = open.filter((delta) => isOtherEnd(pair, delta));
      if (claims.length === 0) return [];
      const certainty = readsEnds(pair, released) ? 'suspected' : 'proved';
      return [{ claims, certainty, summary: `other ends of lines, beside other changes: ${told}`, fix }];
    }
    const proved = inStyleOf(released, rebuilt) === released && !readsEnds(pair, released);
    const summary = `the same lines: ${told}`;
    return [{ claims: open, certainty: proved ? 'proved' : 'suspected', summary, fix }];
  },
};

const longest = 64 * 1024;

/** Lines that are ours with each end written in the other way, and nothing else. */
function isOtherEnd(pair: Pair, { released, rebuilt }: Delta): boolean {
  if (released === undefined || rebuilt === undefined || Math.max(released.size, rebuilt.size) > longest) return false;
  const theirs = pair.released.view.read(released.at, released.size).toString('latin1');
  const ours = pair.rebuilt.view.read(rebuilt.at, rebuilt.size).toString('latin1');
  if (theirs.includes('\r') === ours.includes('\r')) return false;
  return theirs.replaceAll('\r\n', '\n') === ours.replaceAll('\r\n', '\n');
}

/** What shells, cron and the kernel read: an end of a line is a part of the last word, or the line is skipped. */
function readsEnds(pair: Pair, released: string): boolean {
  if (/^\uFEFF?#!/.test(released) || /(?:^|\/)etc\//.test(pair.path)) return true;
  return /\.(?:sh|bash|bat|cmd|env|mk|service|timer|rules)$|^(?:makefile|crontab|cron.*)$/.test(fileName(pair));
}

function plain(text: string): string {
  return (text.startsWith(mark) ? text.slice(1) : text).replaceAll('\r\n', '\n').replace(/\n$/, '');
}

/** Our lines, written as the sample's are if those are all written alike. */
function inStyleOf(sample: string, text: string): string {
  const lines = `${plain(text)}${sample.endsWith('\n') ? '\n' : ''}`;
  const start = sample.startsWith(mark) ? mark : '';
  return start + (sample.includes('\r\n') ? lines.replaceAll('\n', '\r\n') : lines);
}

function style(text: string): string {
  const [windows, all] = [text.split('\r\n').length, text.split('\n').length];
  const ends = windows === 1 ? 'LF' : windows === all ? 'CRLF' : 'LF and CRLF mixed';
  const start = text.startsWith(mark) ? ' after a byte order mark' : '';
  return `${ends}${start}${text.endsWith('\n') ? '' : ', last line without an end'}`;
}
