/** Compares the text around a difference, token by token: for every format that holds strings. */
import type { Delta, Pair, Side, Span } from './types.ts';

export interface TextPair {
  readonly delta: Delta;
  /** One character for each byte. Untrusted. */
  readonly released: string;
  readonly rebuilt: string;
}

/** A token that differs, and what stood before it. */
export interface Edit {
  readonly released: string;
  readonly rebuilt: string;
  /** At most 40 characters. */
  readonly before: string;
}

/** How far text is followed to either side, and the most that is read of one difference. */
const most = { around: 512, text: 256 * 1024 };

/** The text in which a delta lies, on both sides; absent for what is no text. */
export function textPair({ released, rebuilt }: Pair, delta: Delta): TextPair | undefined {
  if (delta.released === undefined || delta.rebuilt === undefined || delta.class === 'signature') return undefined;
  if (Math.max(delta.released.size, delta.rebuilt.size) > most.text) return undefined;
  if (delta.released.size + delta.rebuilt.size === 0) return undefined;
  const [left, right] = [surroundings(released, delta.released), surroundings(rebuilt, delta.rebuilt)];
  // A word may hold several differences, if they are of one length.
  const still = delta.released.size === delta.rebuilt.size;
  const back = commonBack(left.before, right.before, still);
  const on = commonOn(left.after, right.after, still);
  const whole = (one: Around): string => one.before.slice(one.before.length - back) + one.text + one.after.slice(0, on);
  const [a, b] = [whole(left).replace(/\0+$/, ''), whole(right).replace(/\0+$/, '')];
  return isText(a) && isText(b) && a !== b ? { delta, released: a, rebuilt: b } : undefined;
}

interface Around {
  readonly before: string;
  readonly text: string;
  readonly after: string;
}

function surroundings({ view }: Side, { at, size }: Span): Around {
  const from = Math.max(0, at - most.around);
  const end = Math.min(view.size, at + size + most.around);
  const text = view.read(from, end - from).toString('latin1');
  return {
    before: text.slice(0, at - from),
    text: text.slice(at - from, at - from + size),
    after: text.slice(at - from + size),
  };
}

function commonBack(a: string, b: string, still: boolean): number {
  const most = Math.min(a.length, b.length);
  let count = 0;
  while (count < most && goesOn(a.charAt(a.length - 1 - count), b.charAt(b.length - 1 - count), still)) count++;
  return count;
}

function commonOn(a: string, b: string, still: boolean): number {
  const most = Math.min(a.length, b.length);
  let count = 0;
  while (count < most && goesOn(a.charAt(count), b.charAt(count), still)) count++;
  return count;
}

function goesOn(one: string, other: string, still: boolean): boolean {
  return one === other ? !isControl(one) : still && isWord(one) && isWord(other);
}

function isWord(character: string): boolean {
  return /[\w:-]/.test(character);
}

function isControl(character: string): boolean {
  return character < ' ' && character !== '\t';
}

function isText(text: string): boolean {
  for (const character of text) {
    if (character < ' ' && character !== '\0' && character !== '\t' && character !== '\n' && character !== '\r')
      return false;
  }
  return text.length > 0;
}

const months = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}';
const days = '(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?';
const clock = '\\d{1,2}:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?(?: ?[AP]M)?';
const zone = '(?: ?(?:Z|UTC|GMT|[+-]\\d\\d:?\\d\\d|[A-Z]{3,4}))?';
const dates = [
  `${days}${months} +\\d{1,2},? (?:${clock}${zone} )?\\d{4}`,
  `${days}\\d{1,2}[ -]${months}[ -]\\d{4}(?: ${clock}${zone})?`,
  `\\d{4}[-/]\\d\\d[-/]\\d\\d(?:[T ]${clock}${zone})?`,
  `\\d{1,2}/\\d{1,2}/\\d{4}`,
  `\\d\\d:\\d\\d:\\d\\d`,
].join('|');
const wholeDate = new RegExp(`^(?:${dates})$`);
// Signs in bounded runs: in a long row of them each would be tried as the start of a word.
const token = new RegExp(`${dates}|(?:[.@~+%$:-]{0,8}[\\w/\\\\])+|[^]`, 'g');

/** Whether a token is a date or a time of day as programs write it; a number may be one too. */
export function isDate(text: string): boolean {
  return (
    wholeDate.test(text) ||
    isEpoch(text) ||
    /^20[0-3]\d(0\d|1[0-2])([0-2]\d|3[01])([0-2]\d[0-5]\d([0-5]\d)?)?$/.test(text)
  );
}

/** Seconds since 1970, from 2001 to 2036. */
export function isEpoch(text: string): boolean {
  return /^(1\d{9}|20\d{8})$/.test(text);
}

/** Where the tokens of both differ; absent if they cannot be paired. */
export function editsOf({ released, rebuilt }: Pick<TextPair, 'released' | 'rebuilt'>): readonly Edit[] | undefined {
  const [left, right] = [released.match(token) ?? [], rebuilt.match(token) ?? []];
  if (left.length !== right.length) return undefined;
  const edits: Edit[] = [];
  let before = '';
  for (const [index, one] of left.entries()) {
    const other = right[index] ?? '';
    if (one !== other) {
      // A word against a sign is no pair of tokens, but a sentence that goes on otherwise.
      if (one.length === 1 || other.length === 1) return undefined;
      edits.push({ released: one, rebuilt: other, before: before.slice(-40) });
    }
    before = (before + one).slice(-40);
    if (edits.length > 10_000) return undefined;
  }
  return edits.length === 0 ? undefined : edits;
}
