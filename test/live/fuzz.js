/**
 * Compares many damaged files with the whole ones they were made from: `node fuzz.js SEED COUNT DIR`.
 * Prints one line of JSON; every failure carries what is needed to see it again.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { corpus, wraps } from './fuzz-corpus.js';
import { openWorkshop } from '../../dist/ledger/workshop.js';
import { SamesourceError } from '../../dist/model/error.js';
import { decideDifferent } from '../../dist/pipeline/decide.js';
import { unequal } from '../../dist/platform/unequal.js';
import { bufferView } from '../../dist/platform/view.js';

const [seedText = '1', countText = '100', dir = '.'] = process.argv.slice(2);
const random = generator(Number(seedText));
const slowest = 10_000;

function generator(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) % Math.max(1, below);
  };
}

const interesting = [0, 1, 0x7f, 0x80, 0xff, 0x20, 0x0a];
const numbers = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 512, 65535];

const mutators = [
  (bytes) => set(bytes, random(bytes.length), (bytes[random(bytes.length)] ?? 0) ^ (1 << random(8))),
  (bytes) => set(bytes, random(bytes.length), interesting[random(interesting.length)]),
  (bytes) => {
    const copy = Buffer.from(bytes);
    if (copy.length >= 4) copy.writeUInt32LE(numbers[random(numbers.length)], random(copy.length - 3));
    return copy;
  },
  (bytes) => bytes.subarray(0, random(bytes.length)),
  (bytes) => Buffer.concat([bytes, Buffer.alloc(1 + random(40), random(256))]),
  (bytes) => {
    const [from, length, to] = [random(bytes.length), random(200), random(bytes.length)];
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from, from + length), bytes.subarray(to)]);
  },
  (bytes) => {
    const from = random(bytes.length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + random(40))]);
  },
  (bytes) => {
    const other = corpus[random(corpus.length)].bytes;
    return Buffer.concat([bytes.subarray(0, random(bytes.length)), other.subarray(random(other.length))]);
  },
];

function set(bytes, at, value) {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[at] = value;
  return copy;
}

function mutate(bytes) {
  let mutant = bytes;
  for (let round = 1 + random(3); round > 0; round--) mutant = mutators[random(mutators.length)](mutant);
  return mutant;
}

const report = { done: 0, outcomes: {}, failures: [], slowestMs: 0, peakMb: 0 };
for (let index = 0; index < Number(countText); index++) {
  const { name, bytes } = corpus[random(corpus.length)];
  // A damaged file is damaged all over once it is packed: what lies inside is reached by packing it after.
  const wrap = wraps[random(wraps.length)];
  const [whole, mutant] = [wrap(bytes), wrap(mutate(bytes))];
  const [released, rebuilt] = random(2) === 0 ? [whole, mutant] : [mutant, whole];
  await compareOne(`${seedText}:${index} ${name}`, released, rebuilt);
}
report.peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(`${JSON.stringify(report)}\n`);

async function compareOne(name, released, rebuilt) {
  const begun = performance.now();
  const room = mkdtempSync(join(dir, 'room-'));
  try {
    const outcome = await outcomeOf(released, rebuilt, room);
    report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1;
    if ((outcome === 'identical') !== released.equals(rebuilt))
      fail(name, `${outcome}, and cmp says other`, released, rebuilt);
  } catch (error) {
    fail(
      name,
      error instanceof SamesourceError ? `${error.code}: ${error.message}` : String(error?.stack),
      released,
      rebuilt,
    );
  } finally {
    rmSync(room, { recursive: true, force: true });
  }
  const took = performance.now() - begun;
  report.done += 1;
  report.slowestMs = Math.max(report.slowestMs, Math.round(took));
  if (took > slowest) fail(name, `it took ${Math.round(took)} ms`, released, rebuilt);
}

async function outcomeOf(released, rebuilt, room) {
  const workshop = openWorkshop(async () => room, { now: () => performance.now() });
  try {
    return await decide(released, rebuilt, workshop);
  } finally {
    workshop[Symbol.dispose]();
  }
}

async function decide(released, rebuilt, workshop) {
  const [theirs, ours] = [bufferView(released), bufferView(rebuilt)];
  const found = await unequal(theirs, ours);
  if (found.bytes === 0) return 'identical';
  const decision = await decideDifferent({ released: theirs, rebuilt: ours, name: 'fen', found, allow: [] }, workshop);
  return decision.outcome;
}

function fail(name, what, released, rebuilt) {
  const kept = join(dir, name.replaceAll(/\W+/g, '-'));
  writeFileSync(`${kept}-released`, released);
  writeFileSync(`${kept}-rebuilt`, rebuilt);
  report.failures.push({ name, what: what.slice(0, 2000), kept });
}
