/** xxHash64 with seed 0, as zstd uses it (RFC 8878, 3.1.1). */

export interface Xxh64 {
  update(bytes: Uint8Array): void;
  digest(): bigint;
}

const stripe = 32;
const primes = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const;

const [p1Low, p1High] = halves(primes[0]);
const [p2Low, p2High] = halves(primes[1]);

/** Takes the bytes in pieces. */
export function xxh64(): Xxh64 {
  // Low and high halves of four accumulators: BigInt would be slower than what is hashed is unpacked.
  const sums = new Uint32Array([primes[0] + primes[1], primes[1], 0n, -primes[0]].flatMap(halves));
  const held = Buffer.alloc(stripe);
  let length = 0;
  return {
    update(bytes) {
      let at = 0;
      const waiting = length % stripe;
      length += bytes.length;
      if (waiting > 0) {
        at = Math.min(stripe - waiting, bytes.length);
        held.set(bytes.subarray(0, at), waiting);
        if (waiting + at < stripe) return;
        addStripe(sums, view(held), 0);
      }
      const data = view(bytes);
      for (; at + stripe <= bytes.length; at += stripe) addStripe(sums, data, at);
      held.set(bytes.subarray(at), 0);
    },
    digest: () => finish(sums, held.subarray(0, length % stripe), length),
  };
}

function halves(value: bigint): [low: number, high: number] {
  return [Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n))];
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Each accumulator: `rotate(sum + word * p2, 31) * p1`, modulo 2^64. */
function addStripe(sums: Uint32Array, data: DataView, at: number): void {
  for (let index = 0; index < 8; index += 2) {
    const wordLow = data.getUint32(at + 4 * index, true);
    const wordHigh = data.getUint32(at + 4 * index + 4, true);
    const low = (sums[index] ?? 0) + (Math.imul(wordLow, p2Low) >>> 0);
    const carry = low > 0xffffffff ? 1 : 0;
    const high = (sums[index + 1] ?? 0) + highOf(wordLow, wordHigh, p2Low, p2High) + carry;
    const turnedLow = ((low << 31) | ((high >>> 1) & 0x7fffffff)) >>> 0;
    const turnedHigh = ((high << 31) | ((low >>> 1) & 0x7fffffff)) >>> 0;
    sums[index] = Math.imul(turnedLow, p1Low);
    sums[index + 1] = highOf(turnedLow, turnedHigh, p1Low, p1High);
  }
}

/** The high half of a product of 64-bit numbers. */
function highOf(low: number, high: number, otherLow: number, otherHigh: number): number {
  return (timesHigh(low, otherLow) + Math.imul(high, otherLow) + Math.imul(low, otherHigh)) >>> 0;
}

/** The high half of a product of 32-bit numbers. */
function timesHigh(a: number, b: number): number {
  const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const other = a0 * b1 + (middle & 0xffff);
  return a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(other / 0x10000);
}

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, by: bigint): bigint => wrap(value << by) | (value >> (64n - by));
const round = (sum: bigint, word: bigint): bigint => wrap(rotate(wrap(sum + word * primes[1]), 31n) * primes[0]);

function finish(sums: Uint32Array, rest: Buffer, length: number): bigint {
  let hash = wrap((length < stripe ? primes[4] : merged(sums)) + BigInt(length));
  let at = 0;
  for (; at + 8 <= rest.length; at += 8) {
    hash = wrap(rotate(hash ^ round(0n, rest.readBigUInt64LE(at)), 27n) * primes[0] + primes[3]);
  }
  for (; at + 4 <= rest.length; at += 4) {
    hash = wrap(rotate(hash ^ wrap(BigInt(rest.readUInt32LE(at)) * primes[0]), 23n) * primes[1] + primes[2]);
  }
  for (; at < rest.length; at++) hash = wrap(rotate(hash ^ wrap(BigInt(rest[at] ?? 0) * primes[4]), 11n) * primes[0]);
  hash = wrap((hash ^ (hash >> 33n)) * primes[1]);
  hash = wrap((hash ^ (hash >> 29n)) * primes[2]);
  return hash ^ (hash >> 32n);
}

function merged(sums: Uint32Array): bigint {
  const four = [0, 2, 4, 6].map((index) => (BigInt(sums[index + 1] ?? 0) << 32n) | BigInt(sums[index] ?? 0));
  const turns = [1n, 7n, 12n, 18n];
  const start = wrap(four.reduce((sum, one, index) => sum + rotate(one, turns[index] ?? 0n), 0n));
  return four.reduce((hash, one) => wrap((hash ^ round(0n, one)) * primes[0] + primes[3]), start);
}
