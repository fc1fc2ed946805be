/** How the podman and docker clients are called: with little environment, and never through a shell. */
import type { Readable } from 'node:stream';
import { exec, type Command, type Finished } from '../platform/exec.ts';
import type { Context } from '../store/context.ts';

const passedOn = [
  'HOME',
  'PATH',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'DBUS_SESSION_BUS_ADDRESS',
  'CONTAINERS_CONF',
  'CONTAINERS_STORAGE_CONF',
  'DOCKER_HOST',
  'DOCKER_CONFIG',
  'DOCKER_CONTEXT',
] as const;

export interface Client {
  /** The program's path. */
  readonly file: string;
  command(args: readonly string[]): Command;
  ask(args: readonly string[], more?: { readonly input?: Readable; readonly timeoutMs?: number }): Promise<Finished>;
}

/** `fixed` come before every subcommand; `env` wins over what is passed on. */
export function client(
  ctx: Context,
  file: string,
  fixed: readonly string[],
  env: Readonly<Record<string, string>>,
): Client {
  const inherited = passedOn.flatMap((name) => {
    const value = ctx.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const command = (args: readonly string[]): Command => ({
    file,
    args: [...fixed, ...args],
    env: { ...Object.fromEntries(inherited), ...env },
    cwd: '/',
  });
  return { file, command, ask: (args, more) => exec({ ...command(args), timeoutMs: 120_000, ...more }) };
}
