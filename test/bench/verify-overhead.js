/**
 * `verify` with everything in the store, against the same command in the same root and engine on a
 * source that lies ready: what fetching, checking, placing and comparing add to a build.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadClaim } from '../../dist/claim/load.js';
import { readLock } from '../../dist/claim/lock-file.js';
import { planBuild } from '../../dist/build/plan.js';
import { selectEngine } from '../../dist/engine/select.js';
import { fetchSource, prepareToolchain } from '../../dist/pipeline/stages.js';
import { line, race } from './measure.js';
import { makeClaim, offline, program, samesource } from './samesource.js';

const bareBuild = fileURLToPath(new URL('programs/bare-build.js', import.meta.url));
const title = 'verify with everything cached';
const parts = 16;
const packages = ['?essential', 'gcc', 'libc6-dev', 'make'];

export async function verifyOverhead(dir) {
  const store = join(dir, 'store');
  const claim = makeClaim(join(dir, 'claim'), { packages, files: sourceFiles(), released: 'not yet built' });
  const first = samesource(['--store', store, 'lock', claim]);
  if (first.failed !== undefined) return { title, skipped: first.failed };
  // The first verification fills the store, and its build is then taken for the released one.
  const { answer } = samesource(['--store', store, 'verify', '--output', join(dir, 'rebuilt'), claim]);
  if (answer.outcome !== 'different') return { title, skipped: `${answer.reason?.code}: ${answer.reason?.message}` };
  const released = readFileSync(join(dir, 'rebuilt/program'));
  makeClaim(join(dir, 'claim'), { packages, files: sourceFiles(), released });
  const again = samesource(['--store', store, '--offline', 'lock', claim]);
  if (again.failed !== undefined) throw new Error(again.failed);
  const bare = await offline(store, (ctx) => placeBare(join(dir, 'bare'), claim, { ...ctx, base: join(dir, 'claim') }));
  const [ours, theirs] = race(
    [
      {
        name: 'samesource verify',
        file: process.execPath,
        args: [program, '--json', '--store', store, '--offline', 'verify', claim],
      },
      { name: 'the build alone', file: process.execPath, args: [bareBuild, store, bare.plan], before: bare.renew },
    ],
    3,
    { warm: true },
  );
  const { outcome } = JSON.parse(ours.stdout);
  if (outcome !== 'identical') throw new Error(`the verdict is ${outcome}`);
  if (!readFileSync(bare.output).equals(released)) throw new Error('the build alone made something else');
  return {
    title: `${title}, a build of ${Math.round(theirs.seconds)} s`,
    runs: [ours, theirs],
    lines: [line('time, against the build alone', ours.seconds / theirs.seconds, '<=', 1.1)],
  };
}

/** Places the source and writes down the plan by which `verify` would build it. */
async function placeBare(dir, path, ctx) {
  const claim = await loadClaim(path);
  const lock = await readLock(path, claim);
  const source = await fetchSource(claim, lock, ctx);
  const root = await prepareToolchain(lock, ctx);
  const { identity } = await selectEngine(ctx);
  const [pristine, mount] = [join(dir, 'pristine'), join(dir, 'mount')];
  mkdirSync(pristine, { recursive: true });
  await source.place(pristine, 'source');
  const { run } = planBuild(claim.build, root, mount, source.setup, source.epoch);
  const plan = join(dir, 'plan.json');
  writeFileSync(plan, JSON.stringify({ engine: identity.name, run }));
  const renew = () => {
    rmSync(mount, { recursive: true, force: true });
    cpSync(pristine, mount, { recursive: true, preserveTimestamps: true });
  };
  return { plan, renew, output: join(mount, 'source/program') };
}

/** A program of many parts, each of many functions, compiled one after the other. */
function sourceFiles() {
  const names = Array.from({ length: parts }, (_, part) => `part${part}`);
  const main = `int main(void) { return 0${names.map((_, part) => ` + f${part}_0(${part}, 1)`).join('')}; }\n`;
  const declared = names.map((_, part) => `int f${part}_0(int, int);\n`).join('');
  return {
    Makefile: `.NOTPARALLEL:\nprogram: main.o ${names.map((name) => `${name}.o`).join(' ')}\n\tcc -o $@ $^\n%.o: %.c\n\tcc -O2 -c -o $@ $<\n`,
    'main.c': declared + main,
    ...Object.fromEntries(names.map((name, part) => [`${name}.c`, partOf(part)])),
  };
}

function partOf(part) {
  const bodies = Array.from({ length: 260 }, (_, index) => functionOf(`f${part}_${index}`, part * 1000 + index));
  return bodies.join('\n');
}

function functionOf(name, seed) {
  return `int ${name}(int a, int b) {
  int table[32];
  for (int i = 0; i < 32; i++) table[i] = (a * ${(seed % 97) + 3} + i) ^ (b << (i % ${(seed % 7) + 2}));
  for (int i = 1; i < 32; i++) {
    switch (table[i] % ${(seed % 5) + 5}) {
      case 0: table[i] += table[i - 1] * ${seed + 1}; break;
      case 1: table[i] ^= table[(i * 7) % 32] >> 2; break;
      case 2: table[i] -= b % (table[i - 1] | 1); break;
      default: table[i] = table[i] * 5 + a;
    }
  }
  return table[${seed % 32}] + table[${(seed * 3) % 32}];
}
`;
}
