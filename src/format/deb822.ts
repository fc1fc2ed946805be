/** Debian control data, deb822(5): stanzas of `Field: value` with continuation lines. */

import { SamesourceError } from '../model/error.ts';

/** Field names in lower case; continuation lines joined by newlines, their leading space dropped. */
export type Stanza = ReadonlyMap<string, string>;

export function parseStanzas(text: string): Stanza[] {
  return [...eachStanza(text)];
}

/** Lazily, for indexes of tens of megabytes. */
export function* eachStanza(text: string): Generator<Stanza> {
  // deb822(5): a line of nothing but white space parts stanzas too.
  const gap = /\n[ \t]*(?=\n)/g;
  for (let start = 0; start < text.length;) {
    gap.lastIndex = start;
    const end = gap.exec(text)?.index ?? text.length;
    const stanza = parseStanza(text.slice(start, end));
    if (stanza.size > 0) yield stanza;
    start = end === text.length ? end : gap.lastIndex;
  }
}

/** @throws SamesourceError `archive-unsafe` for a line that is no field, and for a field given twice */
export function parseStanza(text: string): Stanza {
  const fields = new Map<string, string>();
  let current: string | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('#') || line.trim() === '') continue;
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (current === undefined) throw malformed(line, 'continues nothing');
      fields.set(current, `${fields.get(current) ?? ''}\n${line.slice(1)}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1 || /\s/.test(line.slice(0, colon))) throw malformed(line, 'is no field');
    current = line.slice(0, colon).toLowerCase();
    // One reader would take the first, another the last.
    if (fields.has(current)) throw malformed(line, 'is given twice');
    fields.set(current, line.slice(colon + 1).trim());
  }
  return fields;
}

/** Lines of a multi-line field such as `Checksums-Sha256`, split at white space. */
export function fieldRows(value: string | undefined): string[][] {
  return (value ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
}

function malformed(line: string, why: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `control data: "${line.slice(0, 80)}" ${why}`);
}
