/** Lines of bearable width, from text that was made printable. */
import { printable } from '../../format/printable.ts';

/** Column at which values begin: 67 of 80 are left, and a SHA-256 needs 64. */
export const labelWidth = 13;

/** Longest word that may stand out of the lines. */
const longestWhole = 300;

/** A label, and its value over as many lines as it takes. */
export function field(label: string, value: string, width: number): string {
  const [first = '', ...rest] = wrap(printable(value), width - labelWidth);
  return [`${label.padEnd(labelWidth)}${first}`, ...rest.map((line) => ' '.repeat(labelWidth) + line)].join('\n');
}

export function paragraph(text: string, width: number, indent = 0): string {
  return wrap(printable(text), width - indent)
    .map((line) => ' '.repeat(indent) + line)
    .join('\n');
}

/** At spaces. An address or a path is not cut, so that it can be copied; what no one would copy is. */
function wrap(text: string, width: number): string[] {
  const room = Math.max(width, 20);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/).flatMap((word) => pieces(word, room))) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function pieces(word: string, room: number): string[] {
  return word.length <= longestWhole ? [word] : (word.match(new RegExp(`.{1,${room}}`, 'gu')) ?? []);
}

/** On one line of at most `width`: what is too long loses its middle, since a path's end tells most. */
export function cut(text: string, width: number): string {
  const shown = printable(text);
  if (shown.length <= width) return shown;
  const end = Math.ceil((width - 3) * 0.6);
  return `${shown.slice(0, Math.max(width - 3 - end, 0))}...${shown.slice(shown.length - end)}`;
}
