/** A verdict in the making: what was learnt so far stays in it, however the verification ends. */
import { claimDigest } from '../claim/digest.ts';
import type { Claim } from '../model/claim.ts';
import { errorCodes, type SamesourceError } from '../model/error.ts';
import { outcomes, type ArtifactVerdict, type Outcome, type Reason, type Verdict } from '../model/verdict.ts';
import type { Context } from '../store/context.ts';
import { notesOf } from './notes.ts';

type Learnt = Pick<Verdict, 'source' | 'toolchain' | 'engine' | 'build'>;

export interface Draft {
  note(learnt: Partial<Learnt>): void;
  finish(artifacts: readonly ArtifactVerdict[]): Verdict;
  /** For an error that concerns the verification as a whole. */
  fail(error: SamesourceError): Verdict;
}

export function newDraft(claim: Claim, ctx: Context, version: string): Draft {
  const startedAt = ctx.now().toISOString();
  let learnt: Partial<Learnt> = {};
  const verdict = (outcome: Outcome, artifacts: readonly ArtifactVerdict[], reason?: Reason): Verdict => ({
    verdict: 1,
    samesource: version,
    outcome,
    ...(reason === undefined ? {} : { reason }),
    claim: { name: claim.name, sha256: claimDigest(claim), text: claim },
    ...learnt,
    artifacts,
    notes: notesOf(claim),
    startedAt,
    finishedAt: ctx.now().toISOString(),
  });
  return {
    note: (more) => {
      learnt = { ...learnt, ...more };
    },
    finish: (artifacts) => {
      const outcome = weakest(artifacts);
      const reason = artifacts.find((one) => one.outcome === outcome)?.reason;
      return verdict(outcome, artifacts, reason);
    },
    fail: (error) => {
      const { outcome, reason } = failure(error);
      const artifacts = claim.artifacts.map(({ path }) => ({ path, name: nameOf(path), outcome, reason }));
      return verdict(outcome, artifacts, reason);
    },
  };
}

/** The verdict as a whole is the weakest of its artifacts; of none it is nothing. */
export function weakest(artifacts: readonly ArtifactVerdict[]): Outcome {
  const rank = Math.max(...artifacts.map((one) => outcomes.indexOf(one.outcome)));
  return outcomes[rank] ?? 'undecided';
}

export function failure(error: SamesourceError): {
  readonly outcome: 'undecided' | 'refused';
  readonly reason: Reason;
} {
  const { code, message, hint } = error;
  const outcome = errorCodes[code].exit === 'refused' ? 'refused' : 'undecided';
  return { outcome, reason: { code, message, ...(hint === undefined ? {} : { hint }) } };
}

export function nameOf(path: string): string {
  return path.split('/').at(-1) ?? path;
}
