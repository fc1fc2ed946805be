/** The document in which a comparison of two files or trees ends, where nothing was built. */
import type { Sha256 } from './digest.ts';
import type { Difference, MovedSignature } from './difference.ts';
import type { Outcome, Reason } from './verdict.ts';

export interface Comparison {
  readonly comparison: 1;
  readonly samesource: string;
  readonly outcome: Outcome;
  /** Why, if the outcome is `undecided` or `refused`. */
  readonly reason?: Reason;
  readonly released: ComparedFile;
  readonly rebuilt: ComparedFile;
  readonly difference?: Difference;
  readonly signature?: MovedSignature;
  /** Asked for, and of no weight in the outcome. */
  readonly secondOpinion?: SecondOpinion;
  readonly startedAt: string;
  readonly finishedAt: string;
}

export interface ComparedFile {
  /** As the user named it. */
  readonly path: string;
  readonly kind: 'file' | 'directory';
  /** Bytes; of a directory, of all files in it. */
  readonly size: number;
  /** Absent for a directory, and for a large file unless digests were asked for. */
  readonly sha256?: Sha256;
  readonly sha512?: string;
}

/** What another tool says of the same two files. */
export interface SecondOpinion {
  /** Name and version, e.g. `diffoscope 240`. */
  readonly by: string;
  readonly end: 'no-difference' | 'difference' | 'failed' | 'not-installed';
  /** Its report. Untrusted. */
  readonly text: string;
  /** Characters of the report that were left out. */
  readonly leftOut: number;
}
