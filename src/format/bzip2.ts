/**
 * Bzip2, unpacked. Its blocks begin and end inside bytes, so that only a decoder finds its end; those on npm
 * do not tell it.
 */
import { SamesourceError } from '../model/error.ts';
import type { View } from '../platform/view.ts';
import { bitsOf, type Bits } from './bits.ts';
import { readBzip2Block } from './bzip2-block.ts';

const chunkSize = 256 * 1024;

/** Polynomial 0x04c11db7, high bits first, unlike that of gzip. */
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte << 24;
  for (let bit = 0; bit < 8; bit++) sum = sum < 0 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  return sum;
});

/**
 * One stream. `onEnd`: told how many bytes it took.
 * @throws SamesourceError `archive-unsafe` if it is damaged, `unsupported` for a randomised block
 */
export function* bunzip2(view: View, onEnd: (used: number) => void): Generator<Uint8Array> {
  try {
    yield* unpack(view, onEnd);
  } catch (error) {
    if (error instanceof RangeError) throw unsafe('the stream breaks off', error);
    throw error;
  }
}

function* unpack(view: View, onEnd: (used: number) => void): Generator<Uint8Array> {
  const bits = bitsOf(view, 0);
  if (bits.read(24) !== 0x425a68) throw unsafe('no bzip2 magic');
  const level = bits.read(8) - 0x30;
  if (level < 1 || level > 9) throw unsafe(`a block size of ${level}`);
  const links = new Uint32Array(level * 100_000);
  let combined = 0;
  for (;;) {
    const mark = [bits.read(24), bits.read(24)].join();
    const sum = read32(bits);
    if (mark === '1536581,3690640') {
      if (sum !== combined) throw unsafe('a wrong check sum');
      if (bits.align() !== 0) throw unsafe('bits after the end');
      return onEnd(bits.used);
    }
    if (mark !== '3227993,2511705') throw unsafe('no block where one must be');
    const crc = yield* unrun(readBzip2Block(bits, links), links);
    if (crc !== sum) throw unsafe('a wrong check sum of a block');
    combined = (((combined << 1) | (combined >>> 31)) ^ crc) >>> 0;
  }
}

function read32(bits: Bits): number {
  return bits.read(16) * 0x10000 + bits.read(16);
}

interface Block {
  readonly length: number;
  readonly first: number;
}

/** Undoes the outermost step: after four equal bytes, how many more there are. Gives the check sum. */
function* unrun({ length, first }: Block, links: Uint32Array): Generator<Uint8Array, number> {
  let crc = 0xffffffff;
  let out = Buffer.allocUnsafe(chunkSize);
  let filled = 0;
  let [place, before, equal] = [first, -1, 0];
  for (let index = 0; index < length; index++) {
    const link = links[place] ?? 0;
    place = link >>> 8;
    const byte = link & 0xff;
    const isCount = equal === 4;
    const times = isCount ? byte : 1;
    const value = isCount ? before : byte;
    equal = isCount ? 0 : byte === before ? equal + 1 : 1;
    before = isCount ? -1 : byte;
    if (filled + times > chunkSize) {
      yield out.subarray(0, filled);
      out = Buffer.allocUnsafe(chunkSize);
      filled = 0;
    }
    for (let time = 0; time < times; time++) {
      out[filled++] = value;
      crc = (crc << 8) ^ (crcTable[((crc >>> 24) ^ value) & 0xff] ?? 0);
    }
  }
  if (equal === 4) throw unsafe('a run that breaks off');
  if (filled > 0) yield out.subarray(0, filled);
  return ~crc >>> 0;
}

function unsafe(what: string, cause?: unknown): SamesourceError {
  return new SamesourceError('archive-unsafe', `bzip2: ${what}`, cause === undefined ? {} : { cause });
}
