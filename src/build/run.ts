/** Runs a plan and says in the words of a verdict how it ended. */
import { SamesourceError, type ErrorCode } from '../model/error.ts';
import type { Engine, RunEnd, RunPlan } from '../engine/types.ts';
import type { Context } from '../store/context.ts';
import type { BuildLog } from './log.ts';

/** @throws SamesourceError `build-failed`, `build-timeout`, `build-out-of-memory` or `build-out-of-disk` */
export async function runPlan(
  doing: string,
  plan: RunPlan,
  engine: Engine,
  log: BuildLog,
  logPath: string,
  ctx: Context,
): Promise<void> {
  const end = await engine.run(plan, log.stream, ctx);
  if (end.kind === 'exited' && end.code === 0) return;
  const { code, why } = failure(end, plan);
  throw new SamesourceError(code, `${doing} ${why}`, { hint: `the log: ${logPath}` });
}

function failure(end: RunEnd, plan: RunPlan): { readonly code: ErrorCode; readonly why: string } {
  switch (end.kind) {
    case 'exited':
      return { code: 'build-failed', why: `ended with exit code ${end.code}` };
    case 'killed':
      return { code: 'build-failed', why: `was killed by ${end.signal}` };
    case 'limit':
      return limits[end.limit](plan);
  }
}

const limits: Record<'time' | 'memory' | 'disk', (plan: RunPlan) => { code: ErrorCode; why: string }> = {
  time: ({ limits: { seconds } }) => ({ code: 'build-timeout', why: `was stopped after ${seconds} s` }),
  memory: ({ limits: { memoryBytes } }) => ({
    code: 'build-out-of-memory',
    why: `was stopped: it used more than ${memoryBytes} bytes of memory`,
  }),
  disk: ({ limits: { diskBytes } }) => ({
    code: 'build-out-of-disk',
    why: `was stopped: it used more than ${diskBytes} bytes of disk`,
  }),
};
