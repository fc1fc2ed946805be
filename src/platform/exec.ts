/** The only place where a process is started. Argument arrays, never a shell of the host's. */
import { execa, type Options } from 'execa';
import type { Readable, Writable } from 'node:stream';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Only when started by root: the ids to drop to before the program starts. */
  readonly uid?: number;
  readonly gid?: number;
  /** Open file descriptors to hand over as 3, 4, …; no other descriptor is inherited. */
  readonly descriptors?: readonly number[];
  readonly input?: Uint8Array | string | Readable;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Largest answer kept in memory, in bytes of each stream. Default 16 MiB. */
  readonly maxOutput?: number;
}

export interface Finished {
  readonly exitCode: number | undefined;
  readonly killedBy: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Set if the program could not be started at all, e.g. `ENOENT`. */
  readonly startError: string | undefined;
}

/** Runs a command to its end and returns what it said, whatever its exit code. */
export async function exec(command: Command): Promise<Finished> {
  return finished(await start(command, ['pipe', 'pipe']));
}

/** As `exec`, but stdout as bytes: for archives and keys. */
export async function execBytes(command: Command): Promise<Omit<Finished, 'stdout'> & { stdout: Uint8Array }> {
  const result = await execa(command.file, command.args, { ...options(command, ['pipe', 'pipe']), encoding: 'buffer' });
  const said: { readonly stdout?: unknown; readonly stderr?: unknown } = result;
  const stdout = said.stdout instanceof Uint8Array ? said.stdout : new Uint8Array();
  const stderr = said.stderr instanceof Uint8Array ? Buffer.from(said.stderr).toString() : '';
  return { ...finished(result), stdout, stderr };
}

export interface Running {
  readonly pid: number | undefined;
  readonly finished: Promise<Finished>;
  kill(): void;
}

/** Starts a command whose stdout and stderr both go to `log`, e.g. a build. The log is not ended. */
export function launch(command: Command, log: Writable): Running {
  const child = execa(command.file, command.args, { ...options(command, ['pipe', 'pipe']), buffer: false });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  return {
    pid: child.pid,
    finished: child.then(finished),
    kill: () => child.kill('SIGKILL'),
  };
}

/** Starts a command whose stdout and stderr are an open file descriptor of ours. */
export function launchOnto(command: Command, output: number): Running {
  const child = execa(command.file, command.args, { ...options(command, [output, output]), buffer: false });
  return {
    pid: child.pid,
    finished: child.then(finished),
    kill: () => child.kill('SIGKILL'),
  };
}

/** Starts a command and streams its stdout, e.g. a tar that an engine writes. */
export function stream(command: Command): {
  readonly stdout: NodeJS.ReadableStream;
  readonly finished: Promise<Finished>;
} {
  const child = execa(command.file, command.args, { ...options(command, ['pipe', 'pipe']), buffer: { stdout: false } });
  if (!child.stdout) throw new Error(`${command.file}: no stdout`);
  return { stdout: child.stdout, finished: child.then(finished) };
}

function start(command: Command, outputs: readonly ['pipe', 'pipe']) {
  return execa(command.file, command.args, options(command, outputs));
}

function options(command: Command, outputs: readonly ['pipe', 'pipe'] | readonly [number, number]): Options {
  const stdio = [command.input === undefined ? 'ignore' : 'pipe', ...outputs, ...(command.descriptors ?? [])];
  return {
    env: { ...command.env },
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: command.maxOutput ?? 16 * 1024 * 1024,
    // execa's types know descriptors up to 9 only; Node takes any.
    stdio: stdio as unknown as NonNullable<Options['stdio']>,
    ...(command.input === undefined ? {} : { input: command.input }),
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    ...(command.uid === undefined ? {} : { uid: command.uid }),
    ...(command.gid === undefined ? {} : { gid: command.gid }),
    ...(command.signal === undefined ? {} : { cancelSignal: command.signal, forceKillAfterDelay: 500 }),
    ...(command.timeoutMs === undefined ? {} : { timeout: command.timeoutMs, killSignal: 'SIGKILL' as const }),
  };
}

interface Outcome {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly code?: string | undefined;
  readonly stdout?: unknown;
  readonly stderr?: unknown;
}

function finished(result: Outcome): Finished {
  return {
    exitCode: result.exitCode,
    killedBy: result.signal,
    stdout: typeof result.stdout === 'string' ? result.stdout : '',
    stderr: typeof result.stderr === 'string' ? result.stderr : '',
    startError: result.exitCode === undefined && result.signal === undefined ? (result.code ?? 'unknown') : undefined,
  };
}
