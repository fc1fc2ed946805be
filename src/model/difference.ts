/** How two files differ and why, as the verdict tells it. */
import type { Sha256 } from './digest.ts';
import type { RegionClass } from './region.ts';

/** In rising weight. Nothing is `cosmetic` unless nothing is left when its cause is undone. */
export const severities = ['cosmetic', 'notable', 'grave'] as const;
export type Severity = (typeof severities)[number];

/**
 * `proved`: the cause, applied again to what was built here, gave the shipped bytes. `suspected`: it
 * looks like that cause and nothing more.
 */
export type Certainty = 'proved' | 'suspected';

/**
 * How much a cause weighs by its kind. `grave` ones and `unknown` account for nothing: they name what
 * differs, and the bytes stay unexplained. `real` ones account for other bytes that run or are read.
 * `benign` ones change nothing that runs, and are cosmetic if that is proved and nothing is left.
 */
export const causeWeights = {
  'modified-after-build': 'grave',
  'changed-code': 'grave',
  'only-on-one-side': 'grave',
  'changed-mode': 'grave',
  ambiguous: 'grave',
  'other-format': 'grave',
  overlay: 'grave',
  'signature-payload': 'grave',
  'changed-data': 'unknown',
  'changed-text': 'unknown',
  'not-read': 'unknown',
  'cannot-tell': 'unknown',
  'compiler-version': 'real',
  'compiler-flags': 'real',
  'target-cpu': 'real',
  'dependency-version': 'real',
  'package-json': 'real',
  'link-order': 'benign',
  stripped: 'benign',
  'debug-sections': 'benign',
  'build-path': 'benign',
  'build-date': 'benign',
  'vcs-revision': 'real',
  'random-id': 'benign',
  'host-or-user': 'benign',
  'temporary-name': 'benign',
  'build-id': 'benign',
  'linker-timestamp': 'benign',
  'linker-record': 'real',
  'load-command-uuid': 'benign',
  signature: 'benign',
  'manifest-field': 'benign',
  'bytecode-header': 'benign',
  'archive-time': 'benign',
  'archive-order': 'benign',
  'archive-owner': 'benign',
  'archive-umask': 'real',
  'archive-format': 'benign',
  compression: 'benign',
  'compressor-header': 'benign',
  'line-order': 'benign',
  'line-endings': 'benign',
  'key-order': 'benign',
  'embedded-digest': 'benign',
} as const satisfies Record<string, 'grave' | 'unknown' | 'real' | 'benign'>;
export type CauseKind = keyof typeof causeWeights;

/** Where on one side, and what stands there. */
export interface Sample {
  /** Offset in the file that `path` names, unpacked; bytes. */
  readonly at: number;
  /** Bytes. */
  readonly size: number;
  /** As a person would read it: a field's value, a string, an instruction. Untrusted. */
  readonly text?: string;
  /** The first bytes, at most 64, in hex. */
  readonly hex?: string;
}

export interface Evidence {
  /** `usr/bin/tree: mtime`, `.rodata`, `main()`. Untrusted. */
  readonly where: string;
  readonly released?: Sample;
  readonly rebuilt?: Sample;
}

export interface Cause {
  readonly kind: CauseKind;
  /** The file inside the artifact that it was found in; empty for the artifact itself. Untrusted. */
  readonly path: string;
  readonly certainty: Certainty;
  readonly severity: Severity;
  /** One sentence with the values: `built in /home/ada instead of /build`. Untrusted. */
  readonly summary: string;
  /** At most a few; how many more there are is in `evidenceLeftOut`. */
  readonly evidence: readonly Evidence[];
  readonly evidenceLeftOut: number;
  /** Differing bytes of this file that the cause accounts for. */
  readonly explains: number;
  /** Differing bytes of this file that are left when this cause, and what follows from it, is undone. */
  readonly residual: number;
  /** The exact flag or setting, if there is one for this very case. */
  readonly fix?: string;
}

/** One differing file: the artifact itself, or one that lies in it. */
export interface FileDifference {
  /** Empty for the artifact; else names joined with `/`. Untrusted. */
  readonly path: string;
  /** Outermost first where one file is packed in another of the same name: `["xz", "tar"]`. */
  readonly formats: readonly string[];
  readonly change: 'changed' | 'added' | 'removed';
  /** Bytes, of the innermost format. */
  readonly sizes: { readonly released?: number; readonly rebuilt?: number };
  /** Bytes of this file itself that differ: those of files inside it are told there. */
  readonly bytes: number;
  /** Of them, those that no cause accounts for. */
  readonly unexplained: number;
  /** Where it differs, worst first; at most a few, with how many more in `deltasLeftOut`. */
  readonly deltas: readonly DeltaRecord[];
  readonly deltasLeftOut: number;
  /** Why it was not read as its format, or not further. */
  readonly note?: string;
}

export interface DeltaRecord extends Evidence {
  readonly class: RegionClass;
  readonly bytes: number;
  /** The cause that accounts for it. */
  readonly cause?: CauseKind;
}

export interface Difference {
  /** Bytes that are unequal at the same offset, plus the length by which one file is longer. */
  readonly bytes: number;
  readonly firstOffset: number;
  /** Every differing file, outer before inner; in order of their paths among siblings. */
  readonly files: readonly FileDifference[];
  /** Worst first. */
  readonly causes: readonly Cause[];
  /** Differing bytes, over all files, that no cause accounts for. */
  readonly unexplained: number;
  /** Filled where allowances were declared. */
  readonly allowed?: readonly AllowedBytes[];
}

/** What a declared allowance excused, so that others can see whether theirs excused the same. */
export interface AllowedBytes {
  /** `tar-mtime@1`. */
  readonly allowance: string;
  readonly path: string;
  /** How many regions, and the digest of all their bytes in order, on each side. */
  readonly regions: number;
  readonly released: Sha256;
  readonly rebuilt: Sha256;
}

/** A vendor's signature that was moved onto what was built here. */
export interface MovedSignature {
  /** `authenticode`, `apk-v2`, `mach-o`, ... */
  readonly kind: string;
  readonly regions: readonly {
    readonly name: string;
    readonly at: number;
    readonly size: number;
    readonly sha256: Sha256;
  }[];
  /** Whether the digest that the signature holds is that of the content. No key is trusted or checked by this. */
  readonly content: 'fits' | 'not-checked';
  /** Who signed, as the signature says; untrusted, and not verified. */
  readonly signer?: string;
  /** Anything beside the signature that lies in its bytes, e.g. an unknown attribute. */
  readonly remarks: readonly string[];
}
