/**
 * Benchmarks: ratios of medians within one run, since seconds say little about another machine.
 *
 *     npm run bench                          all of them, as a Markdown table
 *     npm run bench -- help hash-tree        these
 *     npm run bench -- --json FILE           and everything measured, as JSON; `-` for stdout
 *
 * An entry is one file with one function `(dir) => { title, runs, lines }`, or `{ title, skipped }` with
 * the reason; it may be asynchronous. `dir` is an empty directory of its own, which builds can enter.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { assemble } from './assemble.js';
import { explainArchive } from './explain-archive.js';
import { explainLarge } from './explain-large.js';
import { explainMany, explainPairs } from './explain-pairs.js';
import { hashLargeFile } from './hash-large-file.js';
import { hashTree } from './hash-tree.js';
import { help } from './help.js';
import { verifyOverhead } from './verify-overhead.js';

const entries = {
  'hash-large-file': hashLargeFile,
  'hash-tree': hashTree,
  help,
  'verify-overhead': verifyOverhead,
  assemble,
  'explain-pairs': explainPairs,
  'explain-many': explainMany,
  'explain-archive': explainArchive,
  'explain-large': explainLarge,
};

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const unknown = positionals.find((name) => !Object.hasOwn(entries, name));
if (unknown !== undefined) {
  process.stderr.write(`error: no benchmark "${unknown}"; there are ${Object.keys(entries).join(', ')}\n`);
  process.exit(64);
}

const results = [];
for (const [name, entry] of Object.entries(entries)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  results.push({ name, ...(await measure(entry)) });
}

const report = { node: process.version, cpu: cpus()[0]?.model ?? '', threads: availableParallelism(), results };
if (values.json !== undefined) write(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
if (values.json !== '-') process.stdout.write(table(results));
if (results.some((result) => result.lines?.some((line) => !line.met))) process.exitCode = 1;

async function measure(entry) {
  const dir = mkdtempSync(join(tmpdir(), 'samesource-bench-'));
  chmodSync(dir, 0o755);
  try {
    const { runs = [], ...rest } = await entry(dir);
    return { ...rest, runs: runs.map(({ stdout: _stdout, ...run }) => run) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function write(path, text) {
  if (path === '-') process.stdout.write(text);
  else writeFileSync(path, text);
}

function table(all) {
  const rows = all.flatMap((result) => [...rowsOf(result)]);
  const details = all.flatMap((result) => result.details ?? []);
  return [
    '| benchmark | ratio | goal | met | medians |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...details,
  ].join('\n');
}

function* rowsOf({ title, lines = [], runs, skipped, details }) {
  if (skipped !== undefined) yield `| ${title} | | | skipped | ${skipped} |`;
  const medians =
    details !== undefined ? 'below' : runs.map(({ name, seconds }) => `${name} ${seconds.toFixed(3)} s`).join(', ');
  for (const { what, ratio, goal, met } of lines) {
    yield `| ${title}: ${what} | ${ratio.toFixed(2)} | ${goal} | ${met ? 'yes' : 'no'} | ${medians} |`;
  }
}
