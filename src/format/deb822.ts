/** Debian control data, deb822(5): stanzas of `Field: value` with continuation lines. */

/** Field names in lower case; continuation lines joined by newlines, their leading space dropped. */
export type Stanza = ReadonlyMap<string, string>;

export function parseStanzas(text: string): Stanza[] {
  return [...eachStanza(text)];
}

/** Lazily, for indexes of tens of megabytes. */
export function* eachStanza(text: string): Generator<Stanza> {
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf('\n\n', start);
    if (end === -1) end = text.length;
    const stanza = parseStanza(text.slice(start, end));
    if (stanza.size > 0) yield stanza;
    start = end + 2;
  }
}

export function parseStanza(text: string): Stanza {
  const fields = new Map<string, string>();
  let current: string | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('#') || line === '') continue;
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (current !== undefined) fields.set(current, `${fields.get(current) ?? ''}\n${line.slice(1)}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    current = line.slice(0, colon).toLowerCase();
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
