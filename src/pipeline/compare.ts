import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { collectOutput } from '../build/outputs.ts';
import { compareFiles } from '../compare/compare.ts';
import type { Claim } from '../model/claim.ts';
import { SamesourceError } from '../model/error.ts';
import type { ArtifactVerdict } from '../model/verdict.ts';
import type { Context } from '../store/context.ts';
import type { Blob } from '../store/store.ts';
import type { Built } from './build.ts';
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
    const { released, ...comparison } = await compareFiles(one.blob, rebuilt);
    return { path, name, ...comparison, released: { ...released, from: one.from } };
  } catch (error) {
    const own =
      error instanceof SamesourceError &&
      ['output-missing', 'output-unsafe', 'digest-disagreement'].includes(error.code);
    if (!own) throw error;
    return { path, name, ...failure(error) };
  }
}

async function keepCopy(rebuilt: Blob, dir: string, name: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  await copyFile(rebuilt.path, join(dir, name));
}
