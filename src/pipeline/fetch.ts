import { requireAgreement } from '../claim/agreement.ts';
import { claimDigest } from '../claim/digest.ts';
import type { Claim, ReleaseKind } from '../model/claim.ts';
import { SamesourceError } from '../model/error.ts';
import type { ArtifactLock, Lock } from '../model/lock.ts';
import { releases } from '../release/index.ts';
import { extractMember, requireMember } from '../release/member.ts';
import type { FetchedRelease, Release } from '../release/types.ts';
import type { Context } from '../store/context.ts';

export interface Released extends FetchedRelease {
  readonly lock: ArtifactLock;
}

/** @throws SamesourceError `lock-stale` */
export function requireLockFor(claim: Claim, lock: Lock): void {
  const wanted = claimDigest(claim);
  if (lock.claim === wanted) return requireAgreement(claim, lock);
  throw new SamesourceError('lock-stale', `the lock is for claim ${lock.claim}, the claim is ${wanted}`, {
    hint: 'the claim was changed since it was locked; look at the change, then run: samesource lock',
  });
}

export function releaseOf(kind: ReleaseKind): Release<never> {
  return releases[kind];
}

/** Every released file in the store, by its locked digest. */
export async function fetchReleased(lock: Lock, ctx: Context): Promise<Released[]> {
  const fetched: Released[] = [];
  for (const artifact of lock.artifacts) {
    const { blob: whole, from } = await releaseOf(artifact.released.kind).fetch(artifact, ctx);
    const blob = artifact.member === undefined ? whole : await extractMember(whole, artifact.member.path, ctx);
    requireMember(artifact, blob);
    if (blob.size === 0)
      throw new SamesourceError(
        'artifact-unavailable',
        `the released ${artifact.path} is empty: nothing can be compared`,
      );
    fetched.push({ blob, from, lock: artifact });
  }
  return fetched;
}
