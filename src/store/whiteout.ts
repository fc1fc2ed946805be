/** White-outs: how a layer says that a lower layer's file is gone (OCI image-spec 1.1, layer.md "Whiteouts"). */
import { posix } from 'node:path';
import { SamesourceError } from '../model/error.ts';

export type Whiteout =
  | { readonly kind: 'one'; readonly name: string }
  /** Everything that lower layers put into the directory. */
  | { readonly kind: 'opaque' }
  /** Bookkeeping of AUFS, which older engines left in their layers. */
  | { readonly kind: 'ignored' };

const prefix = '.wh.';
const meta = '.wh..wh.';

/**
 * What a clean path says, if it is no ordinary entry.
 * @throws SamesourceError `archive-unsafe` for a white-out of `.` or `..`, or a file below a white-out
 */
export function whiteoutOf(path: string): Whiteout | undefined {
  const parts = path.split('/');
  const first = parts.findIndex((part) => part.startsWith(prefix));
  if (first === -1) return undefined;
  const base = posix.basename(path);
  if (base === `${meta}.opq` && first === parts.length - 1) return { kind: 'opaque' };
  if (parts[first]?.startsWith(meta)) return { kind: 'ignored' };
  const name = base.slice(prefix.length);
  if (first !== parts.length - 1 || ['', '.', '..'].includes(name)) {
    throw new SamesourceError('archive-unsafe', `archive entry "${path}": no valid white-out`);
  }
  return { kind: 'one', name };
}
