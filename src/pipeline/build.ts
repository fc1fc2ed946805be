import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { requireAbsent } from '../build/inputs.ts';
import { logTail, openLog } from '../build/log.ts';
import { mountPoint, planBuild, type BuildPlans } from '../build/plan.ts';
import { runPlan } from '../build/run.ts';
import { selfCheckScript } from '../build/self-check.ts';
import type { Claim } from '../model/claim.ts';
import { recode, SamesourceError } from '../model/error.ts';
import type { Engine, RunPlan } from '../engine/types.ts';
import { exists } from '../platform/files.ts';
import { sha256Of } from '../platform/digest.ts';
import type { FetchedSource } from '../source/types.ts';
import type { Context } from '../store/context.ts';
import type { Root } from '../toolchain/types.ts';
import { writeFile } from 'node:fs/promises';
import type { Draft } from './draft.ts';
import type { Released } from './fetch.ts';

export interface BuildInputs {
  readonly claim: Claim;
  readonly source: FetchedSource;
  readonly root: Root;
  readonly engine: Engine;
  readonly released: readonly Released[];
}

/** A finished build; its files are gone when it is disposed of. */
export interface Built extends AsyncDisposable {
  /** Host directory that was mounted as the parent of `build.dir`. */
  readonly mount: string;
}

/** @throws SamesourceError `build-failed` and its like, `artifact-in-source`, `toolchain-unavailable` */
export async function build(inputs: BuildInputs, ctx: Context, draft: Draft): Promise<Built> {
  const { claim, source, root, engine, released } = inputs;
  refuseFetchStep(claim);
  const work = await ctx.store.temporary('build');
  try {
    const mount = join(work.path, 'mount');
    await mkdir(mount, { mode: 0o755 });
    const { name } = mountPoint(claim.build.dir);
    await source.place(mount, name);
    const plans = planBuild(claim.build, root, mount, source.setup, source.epoch);
    await checkRoot(plans.run, engine, ctx);
    await runBuild(claim, plans, engine, ctx, draft, () =>
      requireAbsent(
        released.map(({ blob, lock }) => ({ path: lock.path, sha256: blob.sha256, size: blob.size })),
        [
          { label: 'source', path: mount },
          { label: 'toolchain', path: root.tree },
        ],
      ),
    );
    return { mount, [Symbol.asyncDispose]: () => work[Symbol.asyncDispose]() };
  } catch (error) {
    await work[Symbol.asyncDispose]();
    throw error;
  }
}

function refuseFetchStep(claim: Claim): void {
  if (claim.build.fetch === undefined) return;
  throw new SamesourceError('unsupported', 'build.fetch: dependencies cannot be recorded yet', {
    hint: 'put what the build needs into the source or the toolchain',
  });
}

async function runBuild(
  claim: Claim,
  plans: BuildPlans,
  engine: Engine,
  ctx: Context,
  draft: Draft,
  checkInputs: () => Promise<void>,
): Promise<void> {
  const started = ctx.now();
  const stamp = started.toISOString().replaceAll(/[-:.]/g, '');
  const path = ctx.store.path('logs', `${stamp}-${sha256Of(claim.name).slice(0, 12)}-${process.pid}.log`);
  const log = await openLog(path);
  let endedWell = false;
  try {
    if (plans.setup !== undefined) await runPlan('unpacking the source', plans.setup, engine, log, path, ctx);
    await checkInputs();
    await runPlan('the build', plans.run, engine, log, path, ctx);
    endedWell = true;
  } finally {
    await engine.release(plans.run, ctx);
    const seconds = (ctx.now().getTime() - started.getTime()) / 1000;
    const closed = await log.close();
    const tail = endedWell ? {} : { tail: await logTail(path) };
    const { dir, run } = claim.build;
    draft.note({ build: { dir, run, env: plans.env, seconds, log: { ...closed, ...tail } } });
  }
}

/** Tries a root once before it is first used. */
async function checkRoot(like: RunPlan, engine: Engine, ctx: Context): Promise<void> {
  const mark = ctx.store.path('pages', `self-check-${sha256Of(like.digest + selfCheckScript)}`);
  if (await exists(mark)) return;
  await using work = await ctx.store.temporary('self-check');
  const host = join(work.path, 'mount');
  await mkdir(host, { mode: 0o755 });
  const path = ctx.store.path('logs', `self-check-${like.digest.slice(0, 12)}-${process.pid}.log`);
  const log = await openLog(path);
  const { inside } = like.mount;
  const plan = { ...like, mount: { host, inside }, cwd: inside, argv: ['/bin/sh', '-c', selfCheckScript] };
  try {
    await runPlan('the self-check of the toolchain', plan, engine, log, path, ctx);
  } catch (error) {
    if (error instanceof SamesourceError && error.code === 'build-failed') {
      throw new SamesourceError('toolchain-unavailable', error.message, { hint: `the log: ${path}` });
    }
    throw recode(error, 'toolchain-unavailable', 'checking the toolchain');
  } finally {
    await engine.release(plan, ctx);
    await log.close();
  }
  await writeFile(mark, '');
}
