import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { collectOutput } from '../build/outputs.ts';
import { compareFiles } from '../compare/compare.ts';
import { openWorkshop } from '../ledger/workshop.ts';
import type { AllowanceName } from '../model/allowance.ts';
import type { Claim } from '../model/claim.ts';
import { SamesourceError } from '../model/error.ts';
import type { ArtifactVerdict, FileIdentity } from '../model/verdict.ts';
import { openView } from '../platform/view.ts';
import type { Context } from '../store/context.ts';
import type { Blob } from '../store/store.ts';
import type { Built } from './build.ts';
import { type Decision, decideDifferent, nothing } from './decide.ts';
import { failure, nameOf } from './draft.ts';
import type { Released } from './fetch.ts';

/** One verdict for each released file; an output that is missing or unsafe decides only its own. */
export async function compareArtifacts(
  claim: Claim,
  released: readonly Released[],
  built: Built,
  ctx: Context,
  keep: string | undefined,
): Promise<ArtifactVerdict[]> {
  const verdicts: ArtifactVerdict[] = [];
  for (const one of released) {
    ctx.progress.update(nameOf(one.lock.path));
    verdicts.push(await compareOne(claim, one, built, ctx, keep));
  }
  return verdicts;
}

async function compareOne(
  claim: Claim,
  one: Released,
  built: Built,
  ctx: Context,
  keep: string | undefined,
): Promise<ArtifactVerdict> {
  const { path } = one.lock;
  const name = nameOf(path);
  try {
    const rebuilt = await collectOutput(built.mount, claim.build.dir, path, ctx);
    if (keep !== undefined) await keepCopy(rebuilt, keep, name);
    const allow = claim.artifacts.find((artifact) => artifact.path === path)?.allow ?? [];
    const { released, ...compared } = await compareBlobs(one.blob, rebuilt, name, allow, ctx);
    return { path, name, ...compared, released: { ...released, from: one.from } };
  } catch (error) {
    const own =
      error instanceof SamesourceError &&
      ['output-missing', 'output-unsafe', 'digest-disagreement'].includes(error.code);
    if (!own) throw error;
    return { path, name, ...failure(error) };
  }
}

interface Compared extends Decision {
  readonly released: FileIdentity;
  readonly rebuilt: FileIdentity;
}

async function compareBlobs(
  released: Blob,
  rebuilt: Blob,
  name: string,
  allow: readonly AllowanceName[],
  ctx: Context,
): Promise<Compared> {
  using theirs = openView(released.path);
  using ours = openView(rebuilt.path);
  const held = await compareFiles({ path: released.path, view: theirs }, { path: rebuilt.path, view: ours });
  const sides = { released: held.released, rebuilt: held.rebuilt };
  if (held.identical) return { outcome: 'identical', ...sides };
  if (held.found.bytes === 0) return { ...nothing(), ...sides };
  await using work = await ctx.store.temporary('compare');
  using workshop = openWorkshop(() => Promise.resolve(work.path), {
    now: () => ctx.now().getTime(),
    signal: ctx.signal,
  });
  return {
    ...sides,
    ...(await decideDifferent({ released: theirs, rebuilt: ours, name, found: held.found, allow }, workshop)),
  };
}

async function keepCopy(rebuilt: Blob, dir: string, name: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  await copyFile(rebuilt.path, join(dir, name));
}
