/** Files made by the programs that are on the machine. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, linkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether all of these programs are there. */
export function have(...programs: readonly string[]): boolean {
  return programs.every((program) => {
    try {
      execFileSync('which', [program], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Runs a script in a directory with a few files, and gives what it wrote to `out`.
 * @param files more of them, by name
 */
export function madeBy(script: string, files: Readonly<Record<string, string | Buffer>> = {}): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'samesource-tool-'));
  try {
    mkdirSync(join(directory, 'plover/nest'), { recursive: true });
    writeFileSync(join(directory, 'plover/egg'), 'speckled\n'.repeat(300));
    writeFileSync(join(directory, 'plover/nest/twig'), 'a twig', { mode: 0o755 });
    writeFileSync(join(directory, 'plover/empty'), '');
    symlinkSync('../egg', join(directory, 'plover/nest/link'));
    linkSync(join(directory, 'plover/egg'), join(directory, 'plover/same-egg'));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
    execFileSync('sh', ['-ec', script], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    return readFileSync(join(directory, 'out'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
