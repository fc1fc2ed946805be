/** Whether a released file is what was built here with a vendor's signature on it. */
import { SamesourceError, type ErrorCode } from '../model/error.ts';
import type { MovedSignature } from '../model/difference.ts';
import { isEqual } from '../platform/unequal.ts';
import type { View } from '../platform/view.ts';
import { signatures } from './signatures/index.ts';
import { joined } from './signatures/joined.ts';
import type { SignatureKind, SignaturePayload, Transplant } from './signatures/types.ts';

/**
 * `match`: equal to the last byte once the signature is moved, and nothing but a signature was moved.
 * `near`: equal too, and yet the signature's place holds other bytes (`payload`), or the signature is of
 * other content; its `remarks` say so. `undefined`: not signed in a way that is known, or not equal.
 */
export type SignedResult =
  | { readonly match: MovedSignature }
  | { readonly near: MovedSignature; readonly payload: readonly SignaturePayload[] }
  | undefined;

/** Moves the signature and compares every byte of the result. */
export function compareSigned(released: View, rebuilt: View): SignedResult {
  const moved = transplant(released, rebuilt);
  if (moved === undefined || !isEqual(joined(moved.pieces), released)) return undefined;
  const { signature, payload, misfits } = moved;
  if (payload.length === 0 && misfits.length === 0) return { match: signature };
  const remarks = [...misfits, ...payload.map(({ name, size }) => `${size} bytes that are no signature: ${name}`)];
  const content = misfits.length > 0 ? 'not-checked' : signature.content;
  return { near: { ...signature, content, remarks: [...remarks, ...signature.remarks].slice(0, 40) }, payload };
}

/** The released file's signature on the rebuilt one, by the first kind that finds one; it may still differ. */
export function transplant(released: View, rebuilt: View): Transplant | undefined {
  for (const kind of Object.values<SignatureKind>(signatures)) {
    const moved = readable(() => kind.transplant(released, rebuilt));
    if (moved !== undefined) return moved;
  }
  return undefined;
}

const unreadable: readonly ErrorCode[] = ['archive-unsafe', 'unsupported'];

/** What cannot be read in one way has no signature to move. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    if (error instanceof SamesourceError && unreadable.includes(error.code)) return undefined;
    throw error;
  }
}
