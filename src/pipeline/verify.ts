/**
 * The story of a verification: fetch, prepare, build, compare, state. The only place where the
 * stages meet.
 */
import type { Claim } from '../model/claim.ts';
import { errorCodes, noRoomLeft, SamesourceError } from '../model/error.ts';
import type { Lock } from '../model/lock.ts';
import type { ArtifactVerdict, Verdict } from '../model/verdict.ts';
import { selectEngine } from '../engine/select.ts';
import type { Context } from '../store/context.ts';
import { build } from './build.ts';
import { compareArtifacts } from './compare.ts';
import { newDraft, type Draft } from './draft.ts';
import { fetchReleased, requireLockFor } from './fetch.ts';
import { fetchSource, prepareToolchain } from './stages.ts';

export interface VerifyOptions {
  /** Version of samesource, for the verdict. */
  readonly version: string;
  /** Directory to which the rebuilt artifacts are copied. */
  readonly keep?: string;
}

/**
 * Verifies a claim with what is locked and nothing else. A mismatch, a failed build and a refusal
 * are verdicts.
 * @throws SamesourceError only `interrupted` and `bug`
 */
export async function verify(claim: Claim, lock: Lock, ctx: Context, options: VerifyOptions): Promise<Verdict> {
  const draft = newDraft(claim, ctx, options.version);
  try {
    return draft.finish(await decide(claim, lock, ctx, options, draft));
  } catch (error) {
    return draft.fail(decisionOf(error, ctx));
  }
}

async function decide(
  claim: Claim,
  lock: Lock,
  ctx: Context,
  options: VerifyOptions,
  draft: Draft,
): Promise<readonly ArtifactVerdict[]> {
  requireLockFor(claim, lock);

  ctx.progress.step('fetching the released files');
  const released = await fetchReleased(lock, ctx);

  ctx.progress.step('fetching the source');
  const source = await fetchSource(claim, lock, ctx);
  draft.note({ source: source.identity });

  ctx.progress.step('preparing the toolchain');
  const root = await prepareToolchain(lock, ctx);
  draft.note({ toolchain: root.identity });

  const engine = await selectEngine(ctx);
  draft.note({ engine: engine.identity });

  ctx.progress.step(`building in ${engine.identity.name}, without network`);
  await using built = await build({ claim, source, root, engine: engine.engine, released }, ctx, draft);

  ctx.progress.step('comparing');
  return await compareArtifacts(claim, released, built, ctx, options.keep);
}

/** What an error means for the verdict. An error that is neither a refusal nor indecision is passed on. */
function decisionOf(error: unknown, ctx: Context): SamesourceError {
  if (ctx.signal.aborted)
    throw new SamesourceError('interrupted', 'stopped before there was a verdict', { cause: error });
  const known = error instanceof SamesourceError ? error : noRoomLeft(error, 'verifying');
  if (known === undefined) throw error;
  const { exit } = errorCodes[known.code];
  if (exit !== 'undecided' && exit !== 'refused') throw known;
  return known;
}
