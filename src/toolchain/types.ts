/**
 * A toolchain is the root file system that a build runs in: one file or folder per kind, chosen by
 * the `kind` of the claim's toolchain, collected in the table of `index.ts`.
 *
 * `resolve` runs when a claim is locked. `prepare` runs when it is verified, uses only what is
 * locked, and gives an unpacked tree that engines mount read-only.
 */
import type { ToolchainClaim, ToolchainKind } from '../model/claim.ts';
import type { ToolchainLock } from '../model/lock.ts';
import type { ToolchainIdentity } from '../model/verdict.ts';
import type { Context } from '../store/context.ts';

export interface Toolchain<C extends ToolchainClaim, L extends ToolchainLock> {
  resolve(claim: C, ctx: Context): Promise<L>;
  prepare(lock: L, ctx: Context): Promise<Root>;
}

/** The plug-in of each kind takes the claim and the lock of that kind. */
export type ToolchainTable = {
  readonly [K in ToolchainKind]: Toolchain<Extract<ToolchainClaim, { kind: K }>, Extract<ToolchainLock, { kind: K }>>;
};

export interface Root {
  readonly identity: ToolchainIdentity;
  /** Unpacked tree on the host: shared by builds, never written to by one. */
  readonly tree: string;
  /** Environment that the image itself declares, e.g. PATH; the claim's own values win. */
  readonly env: Readonly<Record<string, string>>;
}
