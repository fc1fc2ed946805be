/** The embedded engine: bubblewrap with our own filter, always as an unprivileged user. */
import { open, readFile, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { messageOf, SamesourceError } from '../../model/error.ts';
import type { EngineIdentity } from '../../model/verdict.ts';
import { exec, launchOnto } from '../../platform/exec.ts';
import { which } from '../../platform/files.ts';
import { treeUse } from '../../platform/process.ts';
import type { Context } from '../../store/context.ts';
import type { TemporaryDirectory } from '../../store/store.ts';
import { endOf } from '../end.ts';
import { buildPipe, engineLog } from '../log.ts';
import { give } from '../ownership.ts';
import { prepareRoot } from '../root.ts';
import { seccompProgram } from '../seccomp/bpf.ts';
import { lacksMemoryLimit, type Engine, type EngineProbe, type RunEnd, type RunPlan } from '../types.ts';
import { untilGone, watchdog, type Tripped } from '../watchdog.ts';
import { diagnose } from './diagnose.ts';
import { locateBubblewrap, type Program } from './locate.ts';
import { bubblewrapArguments, probeArguments } from './plan.ts';
import { droppedIds, requireReachable } from './user.ts';

export const bubblewrap: Engine = {
  probe,
  run,
  // Root can remove what another uid owns, and without root the build's files are ours.
  release: async () => {},
};

async function probe(ctx: Context): Promise<EngineProbe> {
  try {
    const program = await locateBubblewrap(ctx);
    const { exitCode, stderr } = await trial(program, ctx);
    if (exitCode === 0) return { kind: 'bubblewrap', works: identity(program) };
    return { kind: 'bubblewrap', fails: diagnose(stderr) };
  } catch (error) {
    ctx.signal.throwIfAborted();
    const why = messageOf(error);
    const hint = error instanceof SamesourceError ? error.hint : undefined;
    return { kind: 'bubblewrap', fails: { why, hint: hint ?? 'install bubblewrap 0.8 or newer' } };
  }
}

function identity(program: Program): EngineIdentity {
  return {
    name: 'bubblewrap',
    version: program.version,
    origin: program.origin,
    lacks: [lacksMemoryLimit],
  };
}

/** Really runs `true`, with the host's own files as its root. */
async function trial(program: Program, ctx: Context) {
  const ids = droppedIds();
  if (ids !== undefined) requireReachable(program.file, ids, ctx.store.root);
  const harmless = (await which('true', `/usr/bin:/bin:${ctx.env['PATH'] ?? ''}`)) ?? '/bin/true';
  await using work = await ctx.store.temporary('engine');
  await using files = await openFiles(work, ctx);
  return await exec({
    file: program.file,
    args: [...program.prefix, ...probeArguments(harmless)],
    cwd: '/',
    descriptors: files.descriptors,
    timeoutMs: 20_000,
    ...ids,
  });
}

async function run(plan: RunPlan, log: Writable, ctx: Context): Promise<RunEnd> {
  ctx.signal.throwIfAborted();
  await prepareRoot(plan, ctx);
  const program = await locateBubblewrap(ctx);
  const ids = droppedIds();
  if (ids !== undefined) {
    for (const path of [program.file, plan.tree, plan.mount.host]) requireReachable(path, ids, ctx.store.root);
    give(plan.mount.host, ids);
  }
  await using work = await ctx.store.temporary('engine');
  await using files = await openFiles(work, ctx);
  const output = engineLog(log);
  const command = {
    file: program.file,
    args: [...program.prefix, ...bubblewrapArguments(plan)],
    cwd: '/',
    descriptors: files.descriptors,
    ...ids,
  };
  const pipe = await buildPipe(work.path, ids, output, ctx);
  const running = launchOnto(command, pipe.input);
  await pipe.started();
  let seen: readonly number[] = [];
  const guard = watchdog({
    limits: plan.limits,
    mount: plan.mount.host,
    ownCgroup: false,
    signal: ctx.signal,
    process: async () => running.pid,
    logBytes: () => output.bytes(),
    kill: async () => {
      if (running.pid !== undefined) seen = (await treeUse(running.pid)).pids;
      running.kill();
    },
  });
  const finished = await running.finished;
  const tripped = await guard.stop();
  const status = parseStatus(await readFile(files.status, 'utf8'));
  // bubblewrap ends before the last process inside does.
  await requireGone([...seen, ...(status.init === undefined ? [] : [status.init])]);
  await pipe.drained();
  await output.close();
  const said = finished.startError === undefined ? output.tail() : `${program.file}: ${finished.startError}`;
  return conclude(tripped, status.exitCode, finished.killedBy, said, ctx);
}

function conclude(
  tripped: Tripped | undefined,
  exitCode: number | undefined,
  killedBy: string | undefined,
  said: string,
  ctx: Context,
): RunEnd {
  if (tripped === 'aborted') ctx.signal.throwIfAborted();
  if (tripped !== undefined && tripped !== 'aborted') return { kind: 'limit', limit: tripped };
  if (exitCode !== undefined) return endOf(exitCode);
  if (killedBy !== undefined) return { kind: 'killed', signal: killedBy };
  const { why, hint } = diagnose(said);
  throw new SamesourceError('engine-unavailable', `bubblewrap could not start the build: ${why}`, { hint });
}

async function requireGone(pids: readonly number[]): Promise<void> {
  if (await untilGone(pids)) return;
  throw new SamesourceError('bug', `processes of the build do not end: ${pids.join(', ')}`);
}

interface Files extends AsyncDisposable {
  /** As `descriptors` of the plan numbers them. */
  readonly descriptors: readonly number[];
  readonly status: string;
}

async function openFiles(work: TemporaryDirectory, ctx: Context): Promise<Files> {
  const filter = join(work.path, 'seccomp');
  const status = join(work.path, 'status');
  await writeFile(filter, seccompProgram(ctx.platform));
  const handles: FileHandle[] = [await open(filter, 'r'), await open(status, 'wx')];
  return {
    descriptors: handles.map((handle) => handle.fd),
    status,
    [Symbol.asyncDispose]: async () => {
      for (const handle of handles) await handle.close();
    },
  };
}

interface Status {
  /** Host pid of the first process inside. */
  readonly init: number | undefined;
  /** Missing if the command was never started. */
  readonly exitCode: number | undefined;
}

/** bwrap(1) --json-status-fd: one document a line. Exported for its test. */
export function parseStatus(text: string): Status {
  const number = (key: string): number | undefined => {
    const found = new RegExp(`"${key}":\\s*(\\d+)`).exec(text)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  return { init: number('child-pid'), exitCode: number('exit-code') };
}
