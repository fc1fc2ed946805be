/**
 * An inference makes a claim out of a package URL: one file per ecosystem, chosen by the type of the
 * URL, collected in the table of `index.ts`. It reads the ecosystem's own metadata and the released
 * file's, builds nothing and decides nothing: what it claims is then locked and verified like any
 * other claim.
 */
import type { Claim } from '../model/claim.ts';
import type { Purl } from '../format/purl.ts';
import type { Context } from '../store/context.ts';

export interface InferOptions {
  /** Run the package's own tests as part of the build. */
  readonly check: boolean;
  /** Only the named package, not everything else that the same build gives. */
  readonly only: boolean;
}

export interface Inference {
  /** @throws SamesourceError `usage`, `unsupported`, `artifact-unavailable`, `source-unavailable` */
  infer(purl: Purl, ctx: Context, options: InferOptions): Promise<Claim>;
}
