/** The lock: everything that a claim resolves to, by digest. */
import type { ArtifactClaim, Platform } from './claim.ts';
import type { GitId, Sha256 } from './digest.ts';

export interface Lock {
  readonly lock: 1;
  /** SHA-256 of the claim's canonical JSON; another value makes the lock stale. */
  readonly claim: Sha256;
  readonly source: SourceLock;
  readonly toolchain: ToolchainLock;
  readonly artifacts: readonly ArtifactLock[];
}

export type SourceLock = GitLock | ArchiveLock | DebianSourceLock;

export interface GitLock {
  readonly kind: 'git';
  readonly url: string;
  /** Full ref name, if the claim names a tag. */
  readonly ref?: string;
  /** The annotated tag object that the ref named, if it is one. */
  readonly tagObject?: GitId;
  readonly commit: GitId;
  readonly tree: GitId;
  /** Go's `h1` directory hash of the checked-out files, as hex. */
  readonly dirHash: Sha256;
  /** Committer time, seconds since 1970. */
  readonly epoch: number;
  readonly signature: SignatureCheck;
}

export interface ArchiveLock {
  readonly kind: 'archive';
  readonly url: string;
  readonly sha256: Sha256;
  readonly size: number;
  readonly dirHash: Sha256;
  /** Newest modification time inside, seconds since 1970. */
  readonly epoch: number;
  readonly against?: GitLock;
  readonly drift?: TreeDrift;
}

/** How an archive differs from the repository state that it is said to hold. */
export interface TreeDrift {
  readonly extra: readonly string[];
  readonly missing: readonly string[];
  readonly changed: readonly string[];
}

export interface DebianSourceLock {
  readonly kind: 'debian';
  readonly package: string;
  readonly version: string;
  /** The `.dsc` first, then every part that it names. */
  readonly files: readonly PoolFile[];
  readonly signature: SignatureCheck;
}

/** Whether a signature was required, and what became of it. */
export type SignatureCheck =
  | { readonly status: 'not-required' }
  | { readonly status: 'valid'; readonly by: string; readonly fingerprint: string }
  /** Signed by a key that nobody gave us: said, never counted. */
  | { readonly status: 'unknown-key'; readonly keyId: string };

/** A file of a package archive: by digest, with where it was found. */
export interface PoolFile {
  readonly name: string;
  /** `debian` or `debian-security`: which archive's mirror it belongs to. */
  readonly archive: string;
  /** Path below the mirror's root. */
  readonly path: string;
  /** A time at which the archive held it, as a snapshot archive names it: `20260712T101637Z`. */
  readonly seen: string;
  readonly sha256: Sha256;
  readonly size: number;
}

export type ToolchainLock = DebianToolchainLock | ImageToolchainLock;

export interface DebianToolchainLock {
  readonly kind: 'debian';
  readonly platform: Platform;
  readonly indexes: readonly IndexLock[];
  readonly packages: readonly PackageLock[];
}

/** The signed index that the packages were resolved from. */
export interface IndexLock {
  readonly suite: string;
  readonly date: string;
  readonly inRelease: Sha256;
  readonly packages: Sha256;
  readonly signedBy: readonly string[];
}

export interface PackageLock extends PoolFile {
  readonly version: string;
  readonly arch: string;
}

export interface ImageToolchainLock {
  readonly kind: 'image';
  readonly platform: Platform;
  readonly image: string;
  readonly manifest: Sha256;
}

export interface ArtifactLock {
  readonly path: string;
  readonly released: ArtifactClaim['released'];
  /** What to download, in order of preference; empty for a local file. */
  readonly urls: readonly string[];
  readonly sha256: Sha256;
  readonly size: number;
  readonly member?: { readonly path: string; readonly sha256: Sha256; readonly size: number };
}
