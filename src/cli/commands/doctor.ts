import { printable } from '../../format/printable.ts';
import { exitCodes } from '../../model/error.ts';
import type { EngineProbe } from '../../engine/types.ts';
import { examine } from '../../pipeline/doctor.ts';
import { openContext } from '../context.ts';
import type { Session } from '../session.ts';
import type { Chosen } from '../settings.ts';

/** @returns 0 if some engine works here, else 2 */
export async function doctor(session: Session): Promise<number> {
  const { engines, chosen } = await probe(session);
  const works = engines.some((engine) => engine.works !== undefined);
  session.answer({ works, engines, store: chosen.store, config: chosen.config, settings: chosen.settings }, () =>
    [...engines.flatMap(engineLines), '', ...settingLines(chosen), ''].map(printable).join('\n'),
  );
  return works ? exitCodes.match : exitCodes.undecided;
}

async function probe(session: Session): Promise<{ engines: readonly EngineProbe[]; chosen: Chosen }> {
  await using open = await openContext(session, session.io.cwd);
  return { engines: await examine(open.ctx), chosen: open.chosen };
}

const label = 12;

function engineLines({ kind, works, fails }: EngineProbe): string[] {
  const name = kind.padEnd(label);
  if (works !== undefined) {
    const lacks = works.lacks.map((lack) => `${' '.repeat(label)}lacks: ${lack}`);
    return [`${name}works: ${works.name} ${works.version} (${works.origin})`, ...lacks];
  }
  return [`${name}does not work: ${fails?.why ?? 'no reason given'}`, ...hintLines(fails?.hint)];
}

function hintLines(hint: string | undefined): string[] {
  return hint === undefined || hint === '' ? [] : hint.split('\n').map((line) => `${' '.repeat(label)}${line}`);
}

function settingLines({ store, config, settings }: Chosen): string[] {
  return [
    `${'store'.padEnd(label)}${store}`,
    `${'config'.padEnd(label)}${config ?? 'none'}`,
    ...Object.entries(settings.mirrors).map(([name, url]) => `${'mirror'.padEnd(label)}${name} ${url}`),
    `${'snapshot'.padEnd(label)}${settings.snapshot}`,
  ];
}
