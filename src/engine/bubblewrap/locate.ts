/** Which bubblewrap to run: the system's, else the one that samesource brings. */
import { join } from 'node:path';
import { exec } from '../../platform/exec.ts';
import { which } from '../../platform/files.ts';
import type { Context } from '../../store/context.ts';
import { bringBubblewrap } from './bring.ts';

export interface Program {
  readonly file: string;
  /** Arguments that come before bubblewrap's own. */
  readonly prefix: readonly string[];
  readonly version: string;
  /** For the verdict: where it came from. */
  readonly origin: string;
}

/** `--disable-userns` came with 0.8, `--size` and `--perms` before it. */
const oldest = [0, 8] as const;

/** @throws SamesourceError `unreachable` if there is none on the system and none can be fetched */
export async function locateBubblewrap(ctx: Context): Promise<Program> {
  const system = await systemBubblewrap(ctx);
  if (system !== undefined) return system;
  const brought = await bringBubblewrap(ctx);
  const prefix = ['--library-path', join(brought.tree, 'lib'), join(brought.tree, 'bin/bwrap')];
  const version = await versionOf(brought.loader, prefix);
  return {
    file: brought.loader,
    prefix,
    version: version ?? 'unknown',
    origin: `brought by samesource: ${brought.packages.join(', ')}`,
  };
}

async function systemBubblewrap(ctx: Context): Promise<Program | undefined> {
  const file = await which('bwrap', ctx.env['PATH']);
  if (file === undefined) return undefined;
  const version = await versionOf(file, []);
  if (version === undefined || !isRecent(version)) return undefined;
  return { file, prefix: [], version, origin: file };
}

async function versionOf(file: string, prefix: readonly string[]): Promise<string | undefined> {
  const said = await exec({ file, args: [...prefix, '--version'], cwd: '/', timeoutMs: 10_000 });
  return /^bubblewrap (\d+\.\d+[^\s]*)/.exec(said.stdout)?.[1];
}

/** Exported for its test. */
export function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}
