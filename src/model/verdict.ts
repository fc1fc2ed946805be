/**
 * The verdict: the document in which a verification ends. Everything shown to anyone is made from
 * it; a reporter computes nothing.
 */
import type { Claim } from './claim.ts';
import type { Difference, MovedSignature } from './difference.ts';
import type { GitId, Sha256 } from './digest.ts';
import type { ErrorCode } from './error.ts';
import type { SignatureCheck, TreeDrift } from './lock.ts';

export interface Verdict {
  readonly verdict: 1;
  readonly samesource: string;
  readonly outcome: Outcome;
  /** Why, if the outcome is `undecided` or `refused`. */
  readonly reason?: Reason;
  readonly claim: { readonly name: string; readonly sha256: Sha256; readonly text: Claim };
  readonly source?: SourceIdentity;
  readonly toolchain?: ToolchainIdentity;
  readonly engine?: EngineIdentity;
  readonly build?: BuildRecord;
  readonly artifacts: readonly ArtifactVerdict[];
  /** Said in the words of the claim's makers: what was left out, e.g. the package's own tests. */
  readonly notes: readonly string[];
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** In falling strength. */
export const outcomes = [
  'identical',
  'identical-with-signature',
  'explained',
  'different',
  'undecided',
  'refused',
] as const;
export type Outcome = (typeof outcomes)[number];

export interface Reason {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

export type SourceIdentity =
  | {
      readonly kind: 'git';
      readonly url: string;
      readonly ref?: string;
      readonly tagObject?: GitId;
      readonly commit: GitId;
      readonly tree: GitId;
      readonly dirHash: Sha256;
      readonly signature: SignatureCheck;
    }
  | {
      readonly kind: 'archive';
      readonly url: string;
      readonly sha256: Sha256;
      readonly dirHash: Sha256;
      readonly against?: { readonly url: string; readonly commit: GitId; readonly tree: GitId };
      readonly drift?: TreeDrift;
    }
  | {
      readonly kind: 'debian';
      readonly package: string;
      readonly version: string;
      readonly files: readonly { readonly name: string; readonly sha256: Sha256 }[];
      readonly binNmu?: string;
      readonly signature: SignatureCheck;
    };

export interface ToolchainIdentity {
  readonly kind: 'debian' | 'image';
  readonly platform: string;
  /** Made from the layers, never from the unpacked tree. */
  readonly digest: Sha256;
  readonly summary: string;
}

export interface EngineIdentity {
  readonly name: string;
  readonly version: string;
  /** Where the program came from: the system, or the packages that samesource brought. */
  readonly origin: string;
  /** Protections that this engine does not give here. */
  readonly lacks: readonly string[];
}

export interface BuildRecord {
  readonly dir: string;
  readonly run: string;
  readonly env: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly log: {
    readonly path: string;
    readonly sha256: Sha256;
    readonly size: number;
    /** Its last lines, if the build did not end well: where CI runs, the file is soon gone. */
    readonly tail?: readonly string[];
  };
}

export interface ArtifactVerdict {
  readonly path: string;
  readonly name: string;
  readonly outcome: Outcome;
  readonly reason?: Reason;
  readonly released?: FileIdentity & { readonly from: Origin };
  readonly rebuilt?: FileIdentity;
  readonly difference?: Difference;
  /** With the outcome `identical-with-signature`. */
  readonly signature?: MovedSignature;
}

export interface FileIdentity {
  readonly sha256: Sha256;
  readonly sha512: string;
  readonly size: number;
  /** Whether the second, independent implementation agreed; `skipped` above its size limit. */
  readonly secondHash: 'agreed' | 'skipped';
}

/** Where and when the bytes were obtained. */
export interface Origin {
  readonly urls: readonly string[];
  readonly fetchedAt: string;
  /** The vendor's index that named the digest, if there is one. */
  readonly vouchedBy?: string;
}
