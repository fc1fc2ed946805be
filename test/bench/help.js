/** `samesource --help` against a bare commander program with as many verbs. */
import { fileURLToPath } from 'node:url';
import { line, race } from './measure.js';

const samesource = fileURLToPath(new URL('../../bin/samesource.js', import.meta.url));
const bare = fileURLToPath(new URL('programs/bare-commander.js', import.meta.url));
const verbs = ['verify', 'lock', 'init', 'toolchain', 'store', 'doctor', 'completion', 'schema', 'explain-exit'];

export function help() {
  const [ours, theirs] = race(
    [
      { name: 'samesource --help', file: process.execPath, args: [samesource, '--help'] },
      { name: 'bare commander --help', file: process.execPath, args: [bare, '--help', ...verbs] },
    ],
    21,
  );
  for (const run of [ours, theirs]) {
    if (!run.stdout.includes('verify')) throw new Error(`${run.name} shows no help`);
  }
  return {
    title: '--help',
    runs: [ours, theirs],
    lines: [line('time, against a bare commander program', ours.seconds / theirs.seconds, '<=', 1.5)],
  };
}
