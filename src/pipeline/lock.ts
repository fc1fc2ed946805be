import { claimDigest } from '../claim/digest.ts';
import type { ArtifactClaim, Claim } from '../model/claim.ts';
import type { ArtifactLock, Lock } from '../model/lock.ts';
import { extractMember } from '../release/member.ts';
import type { Context } from '../store/context.ts';
import { releaseOf } from './fetch.ts';
import { resolveSource, resolveToolchain } from './stages.ts';

/**
 * Resolves everything that a claim names, by digest.
 * @throws SamesourceError with the code of what could not be resolved
 */
export async function lockClaim(claim: Claim, ctx: Context): Promise<Lock> {
  ctx.progress.step('resolving the released files');
  const artifacts: ArtifactLock[] = [];
  for (const artifact of claim.artifacts) artifacts.push(await lockArtifact(artifact, ctx));
  ctx.progress.step('resolving the source');
  const source = await resolveSource(claim.source, ctx);
  ctx.progress.step('resolving the toolchain');
  const toolchain = await resolveToolchain(claim.toolchain, ctx);
  return { lock: 1, claim: claimDigest(claim), source, toolchain, artifacts };
}

async function lockArtifact(artifact: ArtifactClaim, ctx: Context): Promise<ArtifactLock> {
  const release = releaseOf(artifact.released.kind);
  // `kind` ties the artifact to its plug-in.
  const lock = await release.resolve(artifact as never, ctx);
  if (artifact.member === undefined) return lock;
  const { blob } = await release.fetch(lock, ctx);
  const { sha256, size } = await extractMember(blob, artifact.member, ctx);
  return { ...lock, member: { path: artifact.member, sha256, size } };
}
