/** JSON in a form in which only its meaning counts: sorted keys, no white space. */

const deepest = 200;

/**
 * Numbers stay as they are spelled, so that none is rounded to another. Undefined for what is no JSON
 * (RFC 8259), nests too deep, or gives a key twice: readers take the first or the last.
 */
export function canonicalJson(text: string): string | undefined {
  const reader = { text: text.startsWith('\uFEFF') ? text.slice(1) : text, at: 0 };
  try {
    const value = readValue(reader, 0);
    skipSpace(reader);
    return reader.at === reader.text.length ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The members of an object, each in canonical form; undefined as above, and for other values. */
export function objectMembers(text: string): ReadonlyMap<string, string> | undefined {
  const canonical = canonicalJson(text);
  if (canonical?.startsWith('{') !== true) return undefined;
  const reader = { text: canonical, at: 0 };
  return readMembers(reader, 0);
}

/** Where the first key that fits wins (Node's packages, "Conditional exports"): there the order is the meaning. */
const ordered = ['exports', 'imports'];

/**
 * Whether what is found by the order of keys is found in the same order.
 * @param released valid JSON, as `canonicalJson` has seen
 */
export function isOrderKept(released: string, rebuilt: string): boolean {
  const [theirs, ours] = [released, rebuilt].map((text) => JSON.parse(text.replace(/^\uFEFF/, '')) as unknown);
  return ordered.every((key) => JSON.stringify(valueOf(theirs, key)) === JSON.stringify(valueOf(ours, key)));
}

function valueOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

interface Reader {
  readonly text: string;
  at: number;
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;
const space = /[ \t\r\n]*/y;

function readValue(reader: Reader, depth: number): string {
  if (depth > deepest) throw new SyntaxError('nested too deep');
  skipSpace(reader);
  const first = reader.text[reader.at];
  if (first === '{') return writeMembers(readMembers(reader, depth));
  if (first === '[') return readList(reader, depth);
  if (first === '"') return readString(reader);
  return take(reader, number) ?? take(reader, word) ?? fail();
}

/** Spelled in one way, whatever was escaped. A string may be as long as the file: no pattern is matched over it. */
function readString(reader: Reader): string {
  const start = reader.at;
  if (reader.text[start] !== '"') fail();
  let end = start + 1;
  while (end < reader.text.length && reader.text[end] !== '"') end += reader.text[end] === '\\' ? 2 : 1;
  reader.at = end + 1;
  return JSON.stringify(JSON.parse(reader.text.slice(start, end + 1)));
}

function readMembers(reader: Reader, depth: number): Map<string, string> {
  const members = new Map<string, string>();
  readItems(reader, '}', () => {
    skipSpace(reader);
    const key = JSON.parse(readString(reader)) as string;
    if (members.has(key)) throw new SyntaxError('a key twice');
    skipSpace(reader);
    if (reader.text[reader.at++] !== ':') fail();
    members.set(key, readValue(reader, depth + 1));
  });
  return members;
}

function writeMembers(members: ReadonlyMap<string, string>): string {
  const sorted = [...members].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
}

function readList(reader: Reader, depth: number): string {
  const items: string[] = [];
  readItems(reader, ']', () => void items.push(readValue(reader, depth + 1)));
  return `[${items.join(',')}]`;
}

function readItems(reader: Reader, end: '}' | ']', item: () => void): void {
  reader.at += 1;
  skipSpace(reader);
  if (reader.text[reader.at] === end) {
    reader.at += 1;
    return;
  }
  for (;;) {
    item();
    skipSpace(reader);
    const next = reader.text[reader.at++];
    if (next === end) return;
    if (next !== ',') fail();
  }
}

function skipSpace(reader: Reader): void {
  take(reader, space);
}

function take(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  if (found !== undefined) reader.at += found.length;
  return found;
}

function fail(): never {
  throw new SyntaxError('no JSON');
}
