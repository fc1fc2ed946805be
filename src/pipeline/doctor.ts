import { probeEngines } from '../engine/select.ts';
import type { EngineProbe } from '../engine/types.ts';
import type { Context } from '../store/context.ts';

/** Which engines work here; each one is really tried. */
export async function examine(ctx: Context): Promise<readonly EngineProbe[]> {
  ctx.progress.step('trying the engines');
  return probeEngines(ctx);
}
