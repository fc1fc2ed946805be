/** Dispatch over the plug-in tables: claim and lock go to the plug-in of their kind. */
import type { Claim, SourceClaim, ToolchainClaim } from '../model/claim.ts';
import { SamesourceError } from '../model/error.ts';
import type { Lock, SourceLock, ToolchainLock } from '../model/lock.ts';
import { sources } from '../source/index.ts';
import type { FetchedSource, Source } from '../source/types.ts';
import type { Context } from '../store/context.ts';
import { toolchains } from '../toolchain/index.ts';
import type { Root, Toolchain } from '../toolchain/types.ts';

// A table holds plug-ins of different types; `kind` ties a claim to its plug-in and to its lock.
function sourceOf(kind: SourceClaim['kind']): Source<SourceClaim, SourceLock> {
  return sources[kind];
}

function toolchainOf(kind: ToolchainClaim['kind']): Toolchain<ToolchainClaim, ToolchainLock> {
  return toolchains[kind];
}

export function resolveSource(claim: SourceClaim, ctx: Context): Promise<SourceLock> {
  return sourceOf(claim.kind).resolve(claim, ctx);
}

export function resolveToolchain(claim: ToolchainClaim, ctx: Context): Promise<ToolchainLock> {
  return toolchainOf(claim.kind).resolve(claim, ctx);
}

export function fetchSource(claim: Claim, lock: Lock, ctx: Context): Promise<FetchedSource> {
  requireSameKind(claim.source, lock.source);
  return sourceOf(claim.source.kind).fetch(claim.source, lock.source, ctx);
}

export function prepareToolchain(lock: Lock, ctx: Context): Promise<Root> {
  return toolchainOf(lock.toolchain.kind).prepare(lock.toolchain, ctx);
}

function requireSameKind(claim: { readonly kind: string }, lock: { readonly kind: string }): void {
  if (claim.kind === lock.kind) return;
  throw new SamesourceError(
    'lock-stale',
    `the lock holds a source of kind ${lock.kind}, the claim names ${claim.kind}`,
  );
}
