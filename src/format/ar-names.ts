/** Names in ar that do not fit a header: GNU's and Microsoft's table, and BSD's way. */
import { SamesourceError } from '../model/error.ts';

export interface ArNames {
  /** The name at an offset of the table, as bytes. @throws SamesourceError `archive-unsafe` */
  at(offset: number): Buffer;
  /** @throws SamesourceError `archive-unsafe` if it holds names that no member has */
  requireAllUsed(): void;
}

/** Longer ones are no file's name anywhere. */
const longest = 4096;

/** @param table content of the member `//`: names, each with `/` and a line feed, or with a zero byte, behind it */
export function arNames(table: Buffer): ArNames {
  const used = new Map<number, { readonly name: Buffer; readonly end: number }>();
  return {
    at(offset) {
      const known = used.get(offset) ?? nameAt(table, offset);
      used.set(offset, known);
      return known.name;
    },
    requireAllUsed() {
      let at = 0;
      for (let next = used.get(at); next !== undefined; next = used.get(at)) at = next.end;
      // Writers fill it up to a multiple of 2, 4 or 8.
      const rest = table.subarray(at);
      if (rest.length >= 8 || rest.some((byte) => byte !== 0x0a && byte !== 0)) {
        throw unsafe(`${rest.length} bytes in the long names that no member has`);
      }
    },
  };
}

function nameAt(table: Buffer, offset: number): { readonly name: Buffer; readonly end: number } {
  const before = offset === 0 ? 0 : table[offset - 1];
  if (offset >= table.length || (before !== 0 && before !== 0x0a)) throw unsafe(`no long name at ${offset}`);
  const rest = table.subarray(offset, offset + longest + 2);
  const end = rest.findIndex((byte) => byte === 0 || byte === 0x0a);
  if (end === -1) throw unsafe(`a long name without an end at ${offset}`);
  const name = rest.subarray(0, end);
  if (rest[end] === 0) return { name, end: offset + end + 1 };
  if (name.at(-1) !== 0x2f) throw unsafe(`a long name without an end at ${offset}`);
  return { name: name.subarray(0, -1), end: offset + end + 1 };
}

/** BSD: the name stands before the content, and zeros fill it up. @throws SamesourceError `archive-unsafe` */
export function bsdName(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  if (end !== -1 && bytes.subarray(end).some((byte) => byte !== 0)) throw unsafe('bytes after a long name');
  return end === -1 ? bytes : bytes.subarray(0, end);
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `ar: ${what}`);
}
