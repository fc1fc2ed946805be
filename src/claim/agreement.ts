/**
 * Whether a lock says what its claim says. The claim's digest in a lock proves nothing by itself:
 * who writes a lock by hand can write the digest too, and name other files below it.
 */
import { canonicalJson } from '../format/canonical-json.ts';
import type { ArtifactClaim, Claim } from '../model/claim.ts';
import { SamesourceError } from '../model/error.ts';
import type { ArtifactLock, Lock } from '../model/lock.ts';

/** @throws SamesourceError `lock-stale` naming the first thing that the lock has otherwise than the claim */
export function requireAgreement(claim: Claim, lock: Lock): void {
  requireSource(claim, lock);
  requireToolchain(claim, lock);
  requireEqual('artifacts', claim.artifacts.map(path), lock.artifacts.map(path));
  claim.artifacts.forEach((artifact, index) => {
    const locked = lock.artifacts[index];
    if (locked !== undefined) requireArtifact(artifact, locked);
  });
}

function path(artifact: { readonly path: string }): string {
  return artifact.path;
}

function requireSource({ source: claimed }: Claim, { source: locked }: Lock): void {
  requireEqual('source.kind', claimed.kind, locked.kind);
  if (claimed.kind === 'git' && locked.kind === 'git') requireEqual('source.commit', claimed.commit, locked.commit);
  if (claimed.kind === 'archive' && locked.kind === 'archive') {
    requireEqual('source.sha256', claimed.sha256, locked.sha256);
    requireEqual('source.against.commit', claimed.against?.commit, locked.against?.commit);
  }
  if (claimed.kind === 'debian' && locked.kind === 'debian') {
    requireEqual('source.package', claimed.package, locked.package);
    requireEqual('source.version', claimed.version, locked.version);
  }
}

function requireToolchain({ toolchain: claimed }: Claim, { toolchain: locked }: Lock): void {
  requireEqual('toolchain.kind', claimed.kind, locked.kind);
  requireEqual('toolchain.platform', claimed.platform, locked.platform);
  if (claimed.kind === 'image' && locked.kind === 'image') {
    requireEqual('toolchain.image', claimed.image, locked.image);
  }
  if (claimed.kind === 'debian' && locked.kind === 'debian') {
    requireEqual(
      'toolchain.indexes',
      claimed.suites,
      locked.indexes.map((index) => index.suite),
    );
  }
}

function requireArtifact(claimed: ArtifactClaim, locked: ArtifactLock): void {
  const at = `artifact ${claimed.path}`;
  requireEqual(`${at}: released`, claimed.released, locked.released);
  requireEqual(`${at}: member`, claimed.member, locked.member?.path);
  if (claimed.sha256 !== undefined) requireEqual(`${at}: sha256`, claimed.sha256, locked.sha256);
  if (claimed.released.kind === 'url') requireEqual(`${at}: urls`, [claimed.released.url], locked.urls);
}

function requireEqual(what: string, claimed: unknown, locked: unknown): void {
  const [expected, got] = [shown(claimed), shown(locked)];
  if (expected === got) return;
  throw new SamesourceError('lock-stale', `${what}: the claim has ${expected}, the lock has ${got}`, {
    hint: 'the lock was not made from this claim; look at both, then run: samesource lock',
  });
}

function shown(value: unknown): string {
  return value === undefined ? 'none' : canonicalJson(value);
}
