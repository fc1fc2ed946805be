/**
 * A source is where the reviewed snapshot comes from: one file per kind, chosen by the `kind` of
 * the claim's source, collected in the table of `index.ts`.
 *
 * `resolve` runs when a claim is locked and may ask the network what a name stands for. `fetch` runs
 * when a claim is verified and uses only what is locked: it brings every byte into the store, checks
 * it, and throws `source-mismatch`, `ref-moved`, `signature-invalid` or `source-unavailable`.
 */
import type { SourceClaim, SourceKind } from '../model/claim.ts';
import type { SourceLock } from '../model/lock.ts';
import type { SourceIdentity } from '../model/verdict.ts';
import type { Context } from '../store/context.ts';

export interface Source<C extends SourceClaim, L extends SourceLock> {
  resolve(claim: C, ctx: Context): Promise<L>;
  fetch(claim: C, lock: L, ctx: Context): Promise<FetchedSource>;
}

/** The plug-in of each kind takes the claim and the lock of that kind. */
export type SourceTable = {
  readonly [K in SourceKind]: Source<Extract<SourceClaim, { kind: K }>, Extract<SourceLock, { kind: K }>>;
};

export interface FetchedSource {
  readonly identity: SourceIdentity;
  /** What `SOURCE_DATE_EPOCH: auto` stands for, seconds; `undefined` if the build finds it itself. */
  readonly epoch: number | undefined;
  /**
   * Writes the source below `mount`, the host directory that becomes the parent of `build.dir`.
   * `name` is the last part of `build.dir`.
   */
  place(mount: string, name: string): Promise<void>;
  /**
   * Shell that completes the tree inside the sandbox, before the recipe, run in the mount; `name` as
   * for `place`. `undefined` if `place` did all.
   */
  readonly setup: ((name: string) => string) | undefined;
}
