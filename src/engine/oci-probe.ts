/** The trial that podman and docker share. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { messageOf, SamesourceError } from '../model/error.ts';
import type { Context } from '../store/context.ts';
import { probeCommand, probeRoot } from './probe-root.ts';
import type { RunEnd, RunPlan } from './types.ts';

/**
 * Runs a trivial command as a build would be run.
 * @throws SamesourceError `engine-unavailable` if that does not work
 */
export async function trial(ctx: Context, run: (plan: RunPlan, log: PassThrough) => Promise<RunEnd>): Promise<void> {
  const { tree, digest } = await probeRoot(ctx);
  await using work = await ctx.store.temporary('probe');
  const host = join(work.path, 'mount');
  await mkdir(host);
  const plan: RunPlan = {
    tree,
    digest,
    platform: ctx.platform,
    mount: { host, inside: '/build' },
    cwd: '/build',
    argv: probeCommand,
    env: {},
    limits: { seconds: 60, memoryBytes: 64 * 1024 * 1024, processes: 64, diskBytes: 1024 * 1024 },
  };
  const end = await run(plan, new PassThrough().resume());
  if (end.kind === 'exited' && end.code === 0) return;
  throw new SamesourceError('engine-unavailable', `a trivial command ended with ${JSON.stringify(end)}`);
}

export function failure(error: unknown, hint: string): { readonly why: string; readonly hint: string } {
  const why = messageOf(error);
  const own = error instanceof SamesourceError ? error.hint : undefined;
  return { why, hint: own === undefined || own.includes('samesource doctor') ? hint : own };
}
