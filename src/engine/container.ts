/** Runs one container of podman or docker to its end, and leaves none behind. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { SamesourceError } from '../model/error.ts';
import { launch } from '../platform/exec.ts';
import { markIsAlive, processMark } from '../platform/process.ts';
import type { Context } from '../store/context.ts';
import type { Client } from './client.ts';
import { endOf } from './end.ts';
import { engineLog } from './log.ts';
import { runArguments, type Abilities, type Container } from './oci-command.ts';
import { seccompProfile } from './seccomp/profile.ts';
import type { RunEnd, RunPlan } from './types.ts';
import { untilGone, watchdog } from './watchdog.ts';

export interface ContainerRun {
  readonly client: Client;
  readonly abilities: Abilities;
  /** Arguments of this engine alone, after those that both take. */
  readonly extra: readonly string[];
  /** `--rootfs PATH` or an image's name. */
  readonly root: readonly string[];
  readonly argv: readonly string[];
}

/** @throws SamesourceError `engine-unavailable` if the engine does not start the command */
export async function runContainer(run: ContainerRun, plan: RunPlan, log: Writable, ctx: Context): Promise<RunEnd> {
  ctx.signal.throwIfAborted();
  await removeAbandoned(run.client);
  await using work = await ctx.store.temporary('engine');
  const seccompFile = join(work.path, 'seccomp.json');
  await writeFile(seccompFile, JSON.stringify(seccompProfile(ctx.platform)));
  const container: Container = {
    name: containerName(),
    seccompFile,
    abilities: run.abilities,
  };
  try {
    return await started(run, container, plan, log, ctx);
  } finally {
    await remove(run.client, container.name);
  }
}

async function started(
  run: ContainerRun,
  container: Container,
  plan: RunPlan,
  log: Writable,
  ctx: Context,
): Promise<RunEnd> {
  const { client } = run;
  const output = engineLog(log);
  const args = ['run', ...runArguments(plan, container), ...run.extra, ...run.root, ...run.argv];
  const running = launch(client.command(args), output.writable);
  let first: number | undefined;
  const guard = watchdog({
    limits: plan.limits,
    mount: plan.mount.host,
    signal: ctx.signal,
    process: async () => (first ??= (await inspect(client, container.name))?.pid),
    ownCgroup: run.abilities.cgroupLimits,
    logBytes: () => output.bytes(),
    kill: async () => {
      await remove(client, container.name);
      // The client may have been about to make it: stop the client, then look again.
      running.kill();
      await remove(client, container.name);
    },
  });
  const finished = await running.finished;
  const tripped = await guard.stop();
  const state = tripped === undefined ? await inspect(client, container.name) : undefined;
  if (first !== undefined && !(await untilGone([first]))) {
    throw new SamesourceError('bug', `the container's first process does not end: ${first}`);
  }
  await output.close();
  if (tripped === 'aborted') ctx.signal.throwIfAborted();
  if (tripped !== undefined && tripped !== 'aborted') return { kind: 'limit', limit: tripped };
  if (state?.ended === true) return state.outOfMemory ? { kind: 'limit', limit: 'memory' } : endOf(state.exitCode);
  if (finished.killedBy !== undefined) return { kind: 'killed', signal: finished.killedBy };
  throw new SamesourceError(
    'engine-unavailable',
    `${client.file} could not start the build: ${lastLines(output.tail()) || (finished.startError ?? 'it said nothing')}`,
    { hint: 'see which engines work here: samesource doctor' },
  );
}

interface State {
  /** The command was started, and has ended. */
  readonly ended: boolean;
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  /** Host pid of the first process inside, while it runs. */
  readonly pid: number | undefined;
}

const stateFormat = '{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}} {{.State.Pid}}';

async function inspect(client: Client, name: string): Promise<State | undefined> {
  const said = await client.ask(['inspect', '--type', 'container', '--format', stateFormat, name]);
  return said.exitCode === 0 ? parseState(said.stdout) : undefined;
}

/** Exported for its test. */
export function parseState(text: string): State | undefined {
  const [status, exitCode, outOfMemory, pid] = text.trim().split(' ');
  if (status === undefined || pid === undefined) return undefined;
  return {
    ended: status === 'exited' || status === 'stopped',
    exitCode: Number(exitCode),
    outOfMemory: outOfMemory === 'true',
    pid: Number(pid) > 0 ? Number(pid) : undefined,
  };
}

function remove(client: Client, name: string): Promise<unknown> {
  return client.ask(['rm', '--force', '--volumes', name]);
}

/** Names the process that it belongs to, so that what a dead one left is found. */
function containerName(): string {
  return `samesource-${processMark() ?? `unmarked--${process.pid}-`}-${randomUUID().slice(0, 8)}`;
}

/** A samesource that was killed leaves its container running, because the engine's daemon holds it. */
async function removeAbandoned(client: Client): Promise<void> {
  const said = await client.ask(['ps', '--all', '--filter', 'name=samesource-', '--format', '{{.Names}}']);
  for (const name of said.stdout.split('\n')) {
    const mark = /^samesource-(\w+-\d+-\d+-\d+)-\w+$/.exec(name)?.[1];
    if (mark !== undefined && markIsAlive(mark) === 'dead') await remove(client, name);
  }
}

export function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' ').slice(-500);
}
