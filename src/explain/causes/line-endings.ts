import { wholeTexts } from '../lines.ts';
import type { CauseFinder } from '../types.ts';

const mark = '\uFEFF';

/** The same lines with other ends, with or without a byte order mark or an end of the last line. */
export const lineEndings: CauseFinder = {
  formats: ['text'],
  find(pair, open) {
    const texts = wholeTexts(pair);
    if (texts === undefined) return [];
    const [released, rebuilt] = texts;
    if (plain(released) !== plain(rebuilt)) return [];
    const proved = inStyleOf(released, rebuilt) === released;
    const summary = `the same lines: ${style(released)} released, ${style(rebuilt)} rebuilt`;
    const fix = '.gitattributes: * text eol=lf';
    return [{ claims: open, certainty: proved ? 'proved' : 'suspected', summary, fix }];
  },
};

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
