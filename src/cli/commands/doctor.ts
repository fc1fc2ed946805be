import { exitCodes } from '../../model/error.ts';
import type { EngineProbe } from '../../engine/types.ts';
import { examine } from '../../pipeline/doctor.ts';
import { field } from '../../report/terminal/layout.ts';
import { openContext } from '../context.ts';
import type { Session } from '../session.ts';
import type { Chosen } from '../settings.ts';

/** @returns 0 if some engine works here, else 2 */
export async function doctor(session: Session): Promise<number> {
  const { engines, chosen } = await probe(session);
  const works = engines.some((engine) => engine.works !== undefined);
  const width = Math.min(session.columns, 100);
  session.answer({ works, engines, store: chosen.store, config: chosen.config, settings: chosen.settings }, () =>
    [...engines.flatMap((engine) => engineLines(engine, width)), '', ...settingLines(chosen, width), ''].join('\n'),
  );
  return works ? exitCodes.match : exitCodes.undecided;
}

async function probe(session: Session): Promise<{ engines: readonly EngineProbe[]; chosen: Chosen }> {
  await using open = await openContext(session, session.io.cwd);
  return { engines: await examine(open.ctx), chosen: open.chosen };
}

function engineLines({ kind, works, fails }: EngineProbe, width: number): string[] {
  if (works !== undefined) {
    return [
      field(kind, `works: ${works.name} ${works.version} (${works.origin})`, width),
      ...works.lacks.map((lack) => field('', `lacks: ${lack}`, width)),
    ];
  }
  return [
    field(kind, `does not work: ${fails?.why ?? 'no reason given'}`, width),
    ...(fails?.hint ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => field('', `to do: ${line}`, width)),
  ];
}

function settingLines({ store, config, settings }: Chosen, width: number): string[] {
  return [
    field('store', store, width),
    field('config', config ?? 'none', width),
    ...Object.entries(settings.mirrors).map(([name, url]) => field('mirror', `${name} ${url}`, width)),
    field('snapshot', settings.snapshot, width),
  ];
}
