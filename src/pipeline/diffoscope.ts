/** What diffoscope says of the same two files, for those who want to see both. It decides nothing here. */
import type { SecondOpinion } from '../model/comparison.ts';
import { exec } from '../platform/exec.ts';
import type { Named } from './compare-pair.ts';

/** Kept of its report, characters; it can write 20 MB about a file of 5 MB. */
const kept = 64 * 1024;
const timeoutMs = 10 * 60 * 1000;

/**
 * Asks the diffoscope of the machine. Its own limits hold: it takes up to 25 times the size of a file
 * in memory.
 * @param path directories in which programs are looked for
 */
export async function askDiffoscope(
  released: Named,
  rebuilt: Named,
  path: string | undefined,
  signal: AbortSignal,
): Promise<SecondOpinion> {
  const command = { file: 'diffoscope', env: { PATH: path ?? '', LC_ALL: 'C.UTF-8' }, signal, timeoutMs };
  const version = await exec({ ...command, args: ['--version'] });
  if (version.startError !== undefined) return { by: 'diffoscope', end: 'not-installed', text: '', leftOut: 0 };
  const args = ['--text', '-', '--max-report-size', String(kept), '--', released.at, rebuilt.at];
  const { exitCode, stdout, stderr } = await exec({ ...command, args });
  signal.throwIfAborted();
  const end = exitCode === 0 ? 'no-difference' : exitCode === 1 ? 'difference' : 'failed';
  const said = end === 'failed' ? `${stdout}${stderr}` : stdout;
  const text = said.slice(0, kept);
  return { by: version.stdout.trim().slice(0, 100), end, text, leftOut: said.length - text.length };
}
