/** Times whole processes, in turns, so that whatever else the machine does hits all of them alike. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `before` puts back what a run uses up; it is not timed. `exit` is the code that the run must end with, 0
 * unless said; `peak` asks time(1) for the peak memory of a program that is not ours.
 * @typedef {{ name: string, file: string, args: string[], before?: () => void, exit?: number, peak?: boolean }} Contender
 * @typedef {{ name: string, seconds: number, all: number[], maxRssBytes: number, stdout: string }} Timed
 */

/**
 * Runs every contender once to warm caches, unless that was done, then `rounds` times in turns.
 * @param {Contender[]} contenders @param {number} rounds @param {{ warm?: boolean }} caches
 * @returns {Timed[]} with medians, in the given order
 */
export function race(contenders, rounds, { warm = false } = {}) {
  const runs = contenders.map((contender) => ({ contender, all: [], rss: 0, stdout: '' }));
  if (!warm) for (const { contender } of runs) once(contender);
  for (let round = 0; round < rounds; round++) {
    for (const run of runs) {
      const { seconds, maxRssBytes, stdout } = once(run.contender);
      run.all.push(seconds);
      run.rss = Math.max(run.rss, maxRssBytes);
      run.stdout = stdout;
    }
  }
  return runs.map(({ contender, all, rss, stdout }) => ({
    name: contender.name,
    seconds: median(all),
    all,
    maxRssBytes: rss,
    stdout,
  }));
}

/** Node 20 reads the certificates that this names at every start, for a tenth of a second and nothing. */
const { NODE_EXTRA_CA_CERTS: _certificates, ...environment } = process.env;

function once(contender) {
  const { name, before, exit = 0, peak = false } = contender;
  const { file, args } = peak && hasTime ? timed(contender) : contender;
  before?.();
  const begun = performance.now();
  // time(1) of GNU is not on every machine: a program of ours says its own peak on descriptor 3.
  const done = spawnSync(file, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    maxBuffer: 2 ** 30,
    encoding: 'utf8',
    env: environment,
  });
  const seconds = (performance.now() - begun) / 1000;
  if (done.status !== exit) {
    const how = done.status ?? done.signal ?? done.error?.message;
    throw new Error(`${name}: exit ${how}\n${(done.stderr ?? '').slice(-2000)}`);
  }
  return { seconds, maxRssBytes: peakOf(done.output[3], peak), stdout: done.stdout };
}

const hasTime = existsSync('/usr/bin/time');
const peakFile = join(tmpdir(), `samesource-bench-peak-${process.pid}`);

function timed({ file, args }) {
  return { file: '/usr/bin/time', args: ['-q', '-f', '%M', '-o', peakFile, file, ...args] };
}

/** Of the largest process; time(1) tells units of 1,024 bytes. */
function peakOf(said, peak) {
  if (!peak || !hasTime) return Number(said || 0);
  const kibibytes = Number(readFileSync(peakFile, 'utf8'));
  rmSync(peakFile);
  return kibibytes * 1024;
}

/** @param {number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * One line of the report: a ratio of medians and the bound that it should keep.
 * @param {string} what @param {number} ratio @param {'<=' | '<' | '>='} sign @param {number} goal
 */
export function line(what, ratio, sign, goal) {
  const met = sign === '<=' ? ratio <= goal : sign === '<' ? ratio < goal : ratio >= goal;
  return { what, ratio: Math.round(ratio * 1000) / 1000, goal: `${sign} ${goal}`, met };
}
