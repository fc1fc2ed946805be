/**
 * Flips each byte of a whole file of every format, and takes out and puts in bytes: `node mutate.js DIR`.
 * No change may leave a match; one that an allowance excuses must change the digest of what it excused.
 */
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { corpus } from './fuzz-corpus.js';
import { openWorkshop } from '../../dist/ledger/workshop.js';
import { allowanceNames } from '../../dist/model/allowance.js';
import { decideDifferent } from '../../dist/pipeline/decide.js';
import { unequal } from '../../dist/platform/unequal.js';
import { bufferView } from '../../dist/platform/view.js';

const [dir = '.'] = process.argv.slice(2);
const mostFlips = 3000;

const report = { formats: {}, failures: [] };
for (const { name, bytes } of corpus) {
  const outcomes = {};
  for (const { what, mutant } of mutants(bytes)) {
    const { outcome, difference } = await decide(bytes, mutant);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const [allowed] = difference?.allowed ?? [];
    const excused = outcome === 'explained' && allowed !== undefined && allowed.released !== allowed.rebuilt;
    if (outcome !== 'different' && outcome !== 'refused' && !excused) report.failures.push({ name, what, outcome });
    if (difference === undefined || difference.bytes === 0) report.failures.push({ name, what, outcome, bytes: 0 });
    // What nobody explains must not be called cosmetic.
    const hidden = difference?.causes.every(({ severity }) => severity === 'cosmetic') && difference.unexplained > 0;
    if (hidden) report.failures.push({ name, what, outcome: 'cosmetic with bytes left' });
  }
  report.formats[name] = outcomes;
}
process.stdout.write(`${JSON.stringify(report)}\n`);

function* mutants(bytes) {
  const step = Math.max(1, Math.ceil(bytes.length / mostFlips));
  for (let at = 0; at < bytes.length; at += step) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
    yield { what: `flip at ${at}`, mutant: flipped };
  }
  for (let at = 0; at <= bytes.length; at += Math.max(1, Math.floor(bytes.length / 100))) {
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    for (const byte of [0, 0x41]) {
      yield { what: `byte ${byte} put in at ${at}`, mutant: Buffer.concat([before, Buffer.from([byte]), after]) };
    }
    if (after.length > 0) yield { what: `byte taken out at ${at}`, mutant: Buffer.concat([before, after.subarray(1)]) };
  }
  yield { what: 'nothing left', mutant: Buffer.alloc(0) };
  yield { what: 'a block of zeros at the end', mutant: Buffer.concat([bytes, Buffer.alloc(512)]) };
}

async function decide(released, rebuilt) {
  const room = join(dir, 'room');
  mkdirSync(room, { recursive: true });
  const workshop = openWorkshop(async () => room, { now: () => performance.now() });
  try {
    const [theirs, ours] = [bufferView(released), bufferView(rebuilt)];
    const found = await unequal(theirs, ours);
    if (found.bytes === 0) return { outcome: 'identical' };
    const pair = { released: theirs, rebuilt: ours, name: 'fen', found, allow: allowanceNames };
    return await decideDifferent(pair, workshop);
  } finally {
    workshop[Symbol.dispose]();
  }
}
