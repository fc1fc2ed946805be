/**
 * A signature that a vendor put on a file after it was built, moved onto what was built here.
 *
 * A kind is one file with `transplant`, chosen by trying each in the order of the table in `index.ts`:
 * the first that finds its signature in the released file takes it. A kind takes nothing from the
 * released file but the bytes that its format defines as the signature; what follows from them (offsets,
 * sizes, check sums) it computes. A file that could be read in two ways has no transplant.
 */
import type { MovedSignature } from '../../model/difference.ts';
import type { View } from '../../platform/view.ts';

/** Bytes that lie in the signature's place and are not signature. */
export interface SignaturePayload {
  /** `unsigned attribute 1.2.3`, `block 0x504b4453 (dependency info)`. Untrusted. */
  readonly name: string;
  /** Offset in the released file. */
  readonly at: number;
  /** Bytes. */
  readonly size: number;
}

export interface Transplant {
  /** The rebuilt file with the released signature in it: pieces in order. */
  readonly pieces: readonly View[];
  readonly signature: MovedSignature;
  /** With any, an equal result is not a match. */
  readonly payload: readonly SignaturePayload[];
  /** Why the signature is not one of this content; with any, the file was changed after it was signed. */
  readonly misfits: readonly string[];
}

export interface SignatureKind {
  /**
   * `undefined`: the released file has no signature of this kind.
   * @throws SamesourceError `archive-unsafe` for a file that cannot be read in one way, `unsupported`; RangeError too
   */
  transplant(released: View, rebuilt: View): Transplant | undefined;
}
