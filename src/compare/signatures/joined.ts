/** Views that follow each other as one, and what is asked of views here. */
import type { MovedSignature } from '../../model/difference.ts';
import { digestStream, sha256Stream, type SignatureDigest } from '../../platform/digest.ts';
import { bufferView, pieces, type View, viewOf } from '../../platform/view.ts';

/** `views` in order as one view; a read within one of them copies nothing. */
export function joined(views: readonly View[]): View {
  const starts: number[] = [];
  let size = 0;
  for (const view of views) {
    starts.push(size);
    size += view.size;
  }
  const read = (at: number, length: number): Buffer => {
    const parts: Buffer[] = [];
    for (let index = lastBefore(starts, at), done = 0; done < length; index++) {
      const view = views[index] as View;
      const from = at + done - (starts[index] as number);
      const count = Math.min(length - done, view.size - from);
      if (count > 0) parts.push(view.read(from, count));
      done += Math.max(0, count);
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  };
  return viewOf(read, size);
}

/** Index of the last start that is not after `at`. */
function lastBefore(starts: readonly number[], at: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] as number) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Of views one after the other. */
export function digestView(algorithm: SignatureDigest, views: readonly View[]): Buffer {
  const stream = digestStream(algorithm);
  for (const view of views) for (const piece of pieces(view)) stream.update(piece);
  return stream.digest();
}

/** A function that remembers what it gave for an argument. */
export function remembered<Argument, Result>(give: (argument: Argument) => Result): (argument: Argument) => Result {
  const given = new Map<Argument, Result>();
  return (argument) => {
    const known = given.get(argument);
    if (known !== undefined) return known;
    const result = give(argument);
    given.set(argument, result);
    return result;
  };
}

export type SignatureRegion = MovedSignature['regions'][number];

/** The region of the released file that was moved. */
export function regionOf(name: string, released: View, at: number, size: number): SignatureRegion {
  const stream = sha256Stream();
  for (const piece of pieces(released.slice(at, size))) stream.update(piece);
  return { name, at, size, sha256: stream.digest() };
}

export function zeros(size: number): View {
  return bufferView(Buffer.alloc(size));
}

/** `bytes` in the place of as many at `at`. */
export function patched(view: View, at: number, bytes: Buffer): View[] {
  const end = at + bytes.length;
  return [view.slice(0, at), bufferView(bytes), view.slice(end, view.size - end)];
}
