/** The opponent, as Debian packages it. */
import { spawnSync } from 'node:child_process';

/** It was killed at 24 GB on a file of 1 GB: more than this it does not get, KiB. */
const memory = 8 * 1024 * 1024;

export function hasDiffoscope() {
  return spawnSync('diffoscope', ['--version']).status === 0;
}

export const noDiffoscope = { runs: [], skipped: 'diffoscope is not installed' };

/** A contender that writes its whole report as text. @param {string} released @param {string} rebuilt */
export function diffoscope(released, rebuilt, name = 'diffoscope') {
  const script = `ulimit -v ${memory}; exec diffoscope --text - "$@"`;
  return { name, file: 'sh', args: ['-c', script, 'sh', released, rebuilt], exit: 1, peak: true };
}
