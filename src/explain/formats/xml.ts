/** XML with the attributes of each tag sorted; all else as it stands. */

/** Undefined for what is no XML, and for a tag with an attribute twice. */
export function sortedAttributes(text: string): string | undefined {
  if (!/^\uFEFF?\s*</.test(text)) return undefined;
  const parts: string[] = [];
  for (let at = 0; at < text.length;) {
    const open = text.indexOf('<', at);
    if (open === -1) return parts.join('') + text.slice(at);
    parts.push(text.slice(at, open));
    const whole = match(verbatim, text, open) ?? match(closing, text, open);
    const tag = whole ?? sorted(match(opening, text, open));
    if (tag === undefined) return undefined;
    parts.push(tag.text);
    at = open + tag.size;
  }
  return parts.join('');
}

interface Part {
  readonly text: string;
  readonly size: number;
}

/** Comments, character data, processing instructions, and a document type without a subset of its own. */
const verbatim = /<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<\?[^]*?\?>|<![A-Z][^<>[\]]*>/y;
const closing = /<\/[^<>\s]+\s*>/y;
const opening = /<[^\s<>/!?"'=]+(?:\s+[^\s<>/"'=]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*\/?>/y;
const attribute = /[^\s<>/"'=]+\s*=\s*(?:"[^"<]*"|'[^'<]*')/g;

function match(pattern: RegExp, text: string, at: number): Part | undefined {
  pattern.lastIndex = at;
  const found = pattern.exec(text)?.[0];
  return found === undefined ? undefined : { text: found, size: found.length };
}

function sorted(tag: Part | undefined): Part | undefined {
  if (tag === undefined) return undefined;
  const attributes = (tag.text.match(attribute) ?? []).map((one) => one.replace(/^([^\s=]+)\s*=\s*/, '$1='));
  const names = attributes.map((one) => one.slice(0, one.indexOf('=')));
  if (new Set(names).size !== names.length) return undefined;
  const name = /^<[^\s<>/]+/.exec(tag.text)?.[0] ?? '<';
  const end = tag.text.endsWith('/>') ? '/>' : '>';
  return { text: `${[name, ...attributes.toSorted()].join(' ')}${end}`, size: tag.size };
}
