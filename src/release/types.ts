/**
 * A release is where a shipped file comes from: one file per kind, chosen by the `kind` of the
 * artifact's `released`, collected in the table of `index.ts`.
 *
 * `resolve` runs when a claim is locked and pins the file by digest; `fetch` runs when it is
 * verified, uses only what is locked, and throws `artifact-unavailable` or `digest-mismatch`.
 */
import type { ArtifactClaim, ReleaseClaim } from '../model/claim.ts';
import type { ArtifactLock } from '../model/lock.ts';
import type { Origin } from '../model/verdict.ts';
import type { Context } from '../store/context.ts';
import type { Blob } from '../store/store.ts';

export interface Release<R extends ReleaseClaim> {
  resolve(artifact: ArtifactClaim & { readonly released: R }, ctx: Context): Promise<ArtifactLock>;
  fetch(lock: ArtifactLock, ctx: Context): Promise<FetchedRelease>;
}

export interface FetchedRelease {
  readonly blob: Blob;
  readonly from: Origin;
}
