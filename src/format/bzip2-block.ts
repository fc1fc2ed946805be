/** One block of bzip2: Huffman codes, then runs of zeros, move to front, and the sorting undone. */
import { SamesourceError } from '../model/error.ts';
import type { Bits } from './bits.ts';

/** Longest code, and how many symbols come before the next selector. */
const longest = 20;
const groupSize = 50;
/** More are allowed to stand there, and none is needed: 900,000 symbols in groups of 50, and the end. */
const selectorLimit = 18_002;

interface Code {
  readonly shortest: number;
  /** By length: the largest code of that length, as the first of 20 bits; -1 if there is none. */
  readonly limits: Int32Array;
  /** By length: what to take off a code for its place in `symbols`. */
  readonly offsets: Int32Array;
  readonly symbols: Uint16Array;
}

/**
 * Fills `links`: a byte in the low 8 bits, above it where the next one is. Its length is the largest block.
 * @throws SamesourceError `archive-unsafe`, `unsupported`; RangeError where the bits end
 */
export function readBzip2Block(bits: Bits, links: Uint32Array): { readonly length: number; readonly first: number } {
  if (bits.read(1) === 1) throw new SamesourceError('unsupported', 'bzip2: randomised blocks cannot be read yet');
  const origin = bits.read(24);
  const alphabet = readAlphabet(bits);
  const groups = bits.read(3);
  if (groups < 2 || groups > 6) throw unsafe(`${groups} tables of codes`);
  const selectors = readSelectors(bits, groups);
  const codes = Array.from({ length: groups }, () => readCode(bits, alphabet.length + 2));
  const length = readSymbols(bits, alphabet, selectors, codes, links);
  if (origin >= length) throw unsafe(`a block of ${length} bytes that begins at ${origin}`);
  return { length, first: link(links, length, origin) };
}

/** Bytes that occur, in order: a map of maps of 16. */
function readAlphabet(bits: Bits): number[] {
  const rows = bits.read(16);
  const alphabet: number[] = [];
  for (let row = 0; row < 16; row++) {
    const columns = (rows & (0x8000 >> row)) === 0 ? 0 : bits.read(16);
    for (let column = 0; column < 16; column++) {
      if ((columns & (0x8000 >> column)) !== 0) alphabet.push(row * 16 + column);
    }
  }
  if (alphabet.length === 0) throw unsafe('a block without bytes');
  return alphabet;
}

function readSelectors(bits: Bits, groups: number): Uint8Array {
  const count = bits.read(15);
  const order = Array.from({ length: groups }, (_, index) => index);
  const selectors = new Uint8Array(Math.min(count, selectorLimit));
  for (let index = 0; index < count; index++) {
    let place = 0;
    while (bits.read(1) === 1) if (++place >= groups) throw unsafe('a table of codes that there is not');
    const [group = 0] = order.splice(place, 1);
    order.unshift(group);
    if (index < selectors.length) selectors[index] = group;
  }
  return selectors;
}

/** Lengths, each as its difference to the one before; the codes follow from them. */
function readCode(bits: Bits, size: number): Code {
  const lengths: number[] = [];
  let length = bits.read(5);
  for (let symbol = 0; symbol < size; symbol++) {
    for (;;) {
      if (length < 1 || length > longest) throw unsafe(`a code of ${length} bits`);
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths.push(length);
  }
  return codeOf(lengths);
}

function codeOf(lengths: readonly number[]): Code {
  const limits = new Int32Array(longest + 1).fill(-1);
  const offsets = new Int32Array(longest + 1);
  const symbols: number[] = [];
  let code = 0;
  for (let length = 1; length <= longest; length++) {
    offsets[length] = code - symbols.length;
    for (const [symbol, own] of lengths.entries()) if (own === length) symbols.push(symbol);
    code = symbols.length + (offsets[length] ?? 0);
    if (code > 2 ** length) throw unsafe('more codes than there can be');
    if (lengths.includes(length)) limits[length] = code * 2 ** (longest - length) - 1;
    code *= 2;
  }
  return { shortest: Math.min(...lengths), limits, offsets, symbols: Uint16Array.from(symbols) };
}

function readSymbol(bits: Bits, { shortest, limits, offsets, symbols }: Code): number {
  const ahead = bits.peek(longest);
  for (let length = shortest; length <= longest; length++) {
    if (ahead > (limits[length] ?? -1)) continue;
    bits.skip(length);
    return symbols[(ahead >>> (longest - length)) - (offsets[length] ?? 0)] ?? 0;
  }
  throw unsafe('a code that there is not');
}

/** Gives how many bytes there are; they stand in the low bits of `links`. */
function readSymbols(
  bits: Bits,
  alphabet: readonly number[],
  selectors: Uint8Array,
  codes: readonly Code[],
  links: Uint32Array,
): number {
  const front = Uint8Array.from(alphabet);
  const end = alphabet.length + 1;
  let [length, run, weight] = [0, 0, 1];
  for (let count = 0; ; count++) {
    const code = codes[selectors[Math.floor(count / groupSize)] ?? codes.length];
    if (code === undefined) throw unsafe('more symbols than tables of codes');
    const symbol = readSymbol(bits, code);
    if (symbol < 2) {
      // Runs of the first byte are written with the digits 1 and 2.
      run += weight * (symbol + 1);
      weight *= 2;
      if (length + run > links.length) throw unsafe('a block that is too large');
      continue;
    }
    if (run > 0) links.fill(front[0] ?? 0, length, (length += run));
    [run, weight] = [0, 1];
    if (symbol === end) return length;
    if (length >= links.length) throw unsafe('a block that is too large');
    const byte = front[symbol - 1] ?? 0;
    front.copyWithin(1, 0, symbol - 1);
    front[0] = byte;
    links[length++] = byte;
  }
}

/** From the last column of the sorted rotations to the order of the text. Gives where that begins. */
function link(links: Uint32Array, length: number, origin: number): number {
  const next = new Uint32Array(256);
  for (let index = 0; index < length; index++) {
    const byte = (links[index] ?? 0) & 0xff;
    next[byte] = (next[byte] ?? 0) + 1;
  }
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = next[byte] ?? 0;
    next[byte] = sum;
    sum += count;
  }
  for (let index = 0; index < length; index++) {
    const byte = (links[index] ?? 0) & 0xff;
    const place = next[byte] ?? 0;
    next[byte] = place + 1;
    links[place] = (((links[place] ?? 0) & 0xff) | (index << 8)) >>> 0;
  }
  return (links[origin] ?? 0) >>> 8;
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `bzip2: ${what}`);
}
