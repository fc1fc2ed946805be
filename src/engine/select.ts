/** Which engine runs a build here. */
import { SamesourceError } from '../model/error.ts';
import type { EngineIdentity } from '../model/verdict.ts';
import type { Context } from '../store/context.ts';
import { engines } from './index.ts';
import type { Engine, EngineKind, EngineProbe } from './types.ts';

export interface SelectedEngine {
  readonly engine: Engine;
  readonly identity: EngineIdentity;
}

/** In the order in which `auto` tries them. */
const preference: readonly EngineKind[] = ['bubblewrap', 'podman', 'docker'];

/**
 * The engine that the settings name, or for `auto` the first that works.
 * @throws SamesourceError `engine-unavailable` naming what is wrong with each
 */
export async function selectEngine(ctx: Context, table: Readonly<Record<EngineKind, Engine>> = engines) {
  const wanted = ctx.settings.engine === 'auto' ? preference : [ctx.settings.engine];
  const failed: EngineProbe[] = [];
  for (const kind of wanted) {
    const probe = await table[kind].probe(ctx);
    if (probe.works !== undefined) return { engine: table[kind], identity: probe.works } satisfies SelectedEngine;
    failed.push(probe);
  }
  const whys = failed.map((probe) => `${probe.kind}: ${probe.fails?.why ?? 'does not work'}`);
  const hints = failed.map((probe) => probe.fails?.hint).filter((hint) => hint !== undefined);
  throw new SamesourceError('engine-unavailable', whys.join('; '), {
    hint: hints.join('; or: '),
  });
}

/** Every engine's probe, for `samesource doctor`. Never throws for an engine that does not work. */
export async function probeEngines(ctx: Context, table: Readonly<Record<EngineKind, Engine>> = engines) {
  const probes: EngineProbe[] = [];
  for (const kind of preference) probes.push(await table[kind].probe(ctx));
  return probes;
}
