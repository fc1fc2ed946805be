/** Naming why two files differ, against diffoscope: one process for a pair, and one for many. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePair } from '../../fixtures/pairs/make.js';
import { pairs } from '../../fixtures/pairs/pairs.js';
import { diffoscope, hasDiffoscope, noDiffoscope } from './diffoscope.js';
import { line, median, race } from './measure.js';
import { program } from './samesource.js';

/** By class: what is at least as many times as fast. */
const goals = { 'small archives and text': 4, 'small ELF and PE': 10, 'ELF of some megabytes': 60 };

function classOf(name, { large = false }) {
  if (large || name.includes('rust')) return 'ELF of some megabytes';
  return /-(?:elf|pe|masked|stripped)/.test(name) ? 'small ELF and PE' : 'small archives and text';
}

function made(dir, wanted = () => true) {
  return Object.entries(pairs)
    .filter(([name, pair]) => pair.outcome === undefined && wanted(name, pair))
    .map(([name, pair]) => ({ ...makePair(name, dir), class: classOf(name, pair) }))
    .filter(({ missing }) => missing === undefined);
}

function samesource(pair) {
  return {
    name: `samesource ${pair.name}`,
    file: process.execPath,
    args: [program, 'compare', pair.released, pair.rebuilt],
    exit: 1,
    peak: true,
  };
}

export function explainPairs(dir) {
  const title = 'why two files differ';
  if (!hasDiffoscope()) return { title, ...noDiffoscope };
  const raced = made(dir).map((pair) => {
    const rounds = pair.class === 'ELF of some megabytes' ? 1 : 3;
    const theirs = diffoscope(pair.released, pair.rebuilt, `diffoscope ${pair.name}`);
    const [ours, other] = race([samesource(pair), theirs], rounds, { warm: rounds === 1 });
    return { pair, ours: { ...sized(ours), named: firstCause(pair) }, theirs: sized(other) };
  });
  const lines = Object.entries(goals).map(([kind, goal]) => {
    const ratios = raced
      .filter(({ pair }) => pair.class === kind)
      .map(({ ours, theirs }) => theirs.seconds / ours.seconds);
    return line(`${kind}, times as fast, median of ${ratios.length}`, median(ratios), '>=', goal);
  });
  const peak = Math.max(...raced.map(({ ours }) => ours.maxRssBytes)) / 1e6;
  lines.push(line('peak memory, MB', peak, '<=', 300));
  const details = [
    '| pair | first cause named | samesource | diffoscope | memory | report, bytes |',
    '| --- | --- | --- | --- | --- | --- |',
    ...raced.map(({ pair, ours, theirs }) => {
      const [memory, report] = [
        [ours, theirs].map(({ maxRssBytes }) => `${Math.round(maxRssBytes / 1e6)} MB`).join(' / '),
        [ours, theirs].map(({ reportBytes }) => reportBytes).join(' / '),
      ];
      return `| ${pair.name} | ${ours.named} | ${ours.seconds.toFixed(2)} s | ${theirs.seconds.toFixed(2)} s | ${memory} | ${report} |`;
    }),
    '',
  ];
  return { title, runs: raced.flatMap(({ ours, theirs }) => [ours, theirs]), lines, details };
}

function firstCause({ released, rebuilt }) {
  const args = [program, 'compare', released, rebuilt, '--json'];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 30 });
  return JSON.parse(stdout).difference.causes[0]?.kind ?? 'none';
}

/** What was written is only of interest by its size. */
function sized({ stdout, ...run }) {
  return { ...run, reportBytes: Buffer.byteLength(stdout) };
}

export function explainMany(dir) {
  const title = 'why many small pairs differ, in one process';
  if (!hasDiffoscope()) return { title, ...noDiffoscope };
  const all = made(dir, (name, pair) => classOf(name, pair) !== 'ELF of some megabytes');
  const list = join(dir, 'pairs.tsv');
  // Often enough that the start of the process does not count for much.
  const times = 10;
  const rows = Array.from({ length: times }, () =>
    all.map(({ released, rebuilt }) => `${released}\t${rebuilt}\n`),
  ).flat();
  writeFileSync(list, rows.join(''));
  const ours = {
    name: 'samesource compare --pairs',
    file: process.execPath,
    args: [program, 'compare', '--pairs', list, '--quiet'],
    exit: 1,
  };
  const script = `while IFS='\t' read -r a b; do diffoscope --text /dev/null "$a" "$b"; done < "$1"; exit 1`;
  const once = join(dir, 'once.tsv');
  writeFileSync(once, rows.slice(0, all.length).join(''));
  const theirs = { name: 'diffoscope, one by one', file: 'sh', args: ['-c', script, 'sh', once], exit: 1 };
  const [many] = race([ours], 3);
  const [single] = race([theirs], 1, { warm: true });
  return {
    title,
    runs: [many, single],
    lines: [line('times as fast for a pair', (single.seconds * times) / many.seconds, '>=', 40)],
  };
}
