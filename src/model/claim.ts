/** The claim: this artifact comes from this source, by this build, in this toolchain. */
import type { AllowanceName } from './allowance.ts';
import type { GitId, Sha256 } from './digest.ts';

export interface Claim {
  readonly claim: 1;
  readonly name: string;
  readonly source: SourceClaim;
  readonly toolchain: ToolchainClaim;
  readonly build: BuildClaim;
  readonly artifacts: readonly ArtifactClaim[];
  readonly reviews: readonly string[];
}

export type SourceClaim = GitClaim | ArchiveClaim | DebianSourceClaim;
export type SourceKind = SourceClaim['kind'];

export interface GitClaim {
  readonly kind: 'git';
  /** https, ssh or file URL, or a path relative to the claim. */
  readonly url: string;
  /** Short tag name; resolved as `refs/tags/NAME` and never as a branch. */
  readonly tag?: string;
  readonly commit: GitId;
  readonly tree?: GitId;
  /** File with SSH allowed_signers lines or OpenPGP public keys, relative to the claim. */
  readonly signers?: string;
  readonly submodules?: boolean;
  readonly lfs?: boolean;
}

export interface ArchiveClaim {
  readonly kind: 'archive';
  readonly url: string;
  readonly sha256: Sha256;
  /** Leading path components to drop, as `tar --strip-components`. */
  readonly strip?: number;
  /** The repository state that the archive is said to hold; differences are listed. */
  readonly against?: GitClaim;
}

export interface DebianSourceClaim {
  readonly kind: 'debian';
  readonly package: string;
  readonly version: string;
  readonly suites: readonly string[];
  /** The changelog entry of a binary-only rebuild, which the source package does not hold. */
  readonly binNmu?: string;
}

export type ToolchainClaim = DebianToolchainClaim | ImageToolchainClaim;
export type ToolchainKind = ToolchainClaim['kind'];

export interface DebianToolchainClaim {
  readonly kind: 'debian';
  /** Debian's suites, e.g. bookworm, bookworm-updates, bookworm-security; the first is the base. */
  readonly suites: readonly string[];
  /**
   * Package names, dependency fields such as `debhelper (>= 13) | dh-other`, the patterns
   * `?essential` and `?priority(required)`, or `!name` for a package that must not be there.
   */
  readonly packages: readonly string[];
  readonly platform: Platform;
}

export interface ImageToolchainClaim {
  readonly kind: 'image';
  /**
   * `registry/name@sha256:…`, `oci:PATH@sha256:…` or `oci-archive:FILE@sha256:…` with the digest of a
   * manifest or index; `docker-archive:FILE@sha256:…` with the image ID, the digest of its configuration.
   */
  readonly image: string;
  readonly platform: Platform;
}

export type Platform = 'linux/amd64' | 'linux/arm64';

export interface BuildClaim {
  /** Absolute path of the source tree inside the sandbox. */
  readonly dir: string;
  /** `SOURCE_DATE_EPOCH: auto` stands for the time of the source. */
  readonly env: Readonly<Record<string, string>>;
  readonly fetch?: string;
  /** Run by `/bin/sh -e` in `dir`, without network. */
  readonly run: string;
  readonly limits: Limits;
}

/** What a build may use before it is stopped. */
export interface Limits {
  readonly seconds: number;
  readonly memoryBytes: number;
  readonly processes: number;
  readonly diskBytes: number;
}

export interface ArtifactClaim {
  /** Path of the built file, relative to `build.dir`. */
  readonly path: string;
  readonly released: ReleaseClaim;
  readonly sha256?: Sha256;
  /** The released file is this member of the archive that `released` names. */
  readonly member?: string;
  readonly allow: readonly AllowanceName[];
}

export type ReleaseClaim = UrlRelease | FileRelease | DebianRelease;
export type ReleaseKind = ReleaseClaim['kind'];

export interface UrlRelease {
  readonly kind: 'url';
  readonly url: string;
}

export interface FileRelease {
  readonly kind: 'file';
  /** Relative to the claim. */
  readonly path: string;
}

export interface DebianRelease {
  readonly kind: 'debian';
  readonly package: string;
  readonly version: string;
  readonly arch: string;
  readonly suites: readonly string[];
}
