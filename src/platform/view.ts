/** Bytes that are looked at in any order without holding them: a file, a part of one, or a buffer. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export interface View {
  /** Bytes. */
  readonly size: number;
  /**
   * Exactly `length` bytes from `at`. They may be shared with other readers: not to be changed, and
   * to be copied by whoever keeps them.
   * @throws RangeError beyond either end
   */
  read(at: number, length: number): Buffer;
  /** The same into a buffer of the caller's, as many bytes as it has: for passes over everything. */
  readInto(target: Buffer, at: number): void;
  /** `[at, at + size)` as a view of its own; nothing is copied. @throws RangeError */
  slice(at: number, size: number): View;
}

export interface OpenView extends View, Disposable {}

export function bufferView(bytes: Buffer): View {
  return {
    size: bytes.length,
    read(at, length) {
      requireInside(at, length, bytes.length);
      return bytes.subarray(at, at + length);
    },
    readInto(target, at) {
      requireInside(at, target.length, bytes.length);
      bytes.copy(target, 0, at);
    },
    slice(at, size) {
      requireInside(at, size, bytes.length);
      return bufferView(bytes.subarray(at, at + size));
    },
  };
}

/** Small reads are served from one window, so that a parser's many fields are not as many system calls. */
const window = 64 * 1024;

/** @throws an error of the system, and one for a file that becomes shorter while it is read */
export function openView(path: string): OpenView {
  const file = openSync(path, 'r');
  const { size } = fstatSync(file);
  const cache = Buffer.allocUnsafe(Math.min(window, size));
  let cached = { at: 0, length: 0 };
  const near = (at: number, length: number): Buffer => {
    if (at < cached.at || at + length > cached.at + cached.length) {
      const from = Math.min(at, size - cache.length);
      fill(file, cache, from);
      cached = { at: from, length: cache.length };
    }
    return cache.subarray(at - cached.at, at - cached.at + length);
  };
  const into = (target: Buffer, at: number): void => {
    if (target.length > cache.length / 4) fill(file, target, at);
    else near(at, target.length).copy(target);
  };
  const read = (at: number, length: number): Buffer => {
    if (length > cache.length) return fill(file, Buffer.allocUnsafe(length), at);
    // What was handed out may still be in use when the window moves on.
    return Buffer.from(near(at, length));
  };
  return { ...part(read, into, 0, size), [Symbol.dispose]: () => closeSync(file) };
}

/** A file that is opened for each read: for trees of more files than may be open at once. */
export function pathView(path: string | Buffer, size: number): View {
  const into = (target: Buffer, at: number): Buffer => {
    const file = openSync(path, 'r');
    try {
      return fill(file, target, at);
    } finally {
      closeSync(file);
    }
  };
  return part((at, length) => into(Buffer.allocUnsafe(length), at), into, 0, size);
}

/** A view of what `read` gives for places within `size`. */
export function viewOf(read: View['read'], size: number): View {
  return part(read, (target, at) => void read(at, target.length).copy(target), 0, size);
}

function part(read: View['read'], into: View['readInto'], start: number, size: number): View {
  return {
    size,
    read(at, length) {
      requireInside(at, length, size);
      return read(start + at, length);
    },
    readInto(target, at) {
      requireInside(at, target.length, size);
      into(target, start + at);
    },
    slice(at, length) {
      requireInside(at, length, size);
      return part(read, into, start + at, length);
    },
  };
}

/** The whole view in pieces, in order. */
export function* pieces(view: View, length = 1024 * 1024): Generator<Buffer> {
  for (let at = 0; at < view.size; at += length) yield view.read(at, Math.min(length, view.size - at));
}

/** Whether all bytes of the range are zero. @throws RangeError */
export function isZero(view: View, at = 0, size = view.size - at): boolean {
  for (const piece of pieces(view.slice(at, size))) if (piece.some((byte) => byte !== 0)) return false;
  return true;
}

/** The first bytes, fewer if the view is shorter. */
export function startOf(view: View, length: number): Buffer {
  return view.read(0, Math.min(length, view.size));
}

function fill(file: number, buffer: Buffer, at: number): Buffer {
  for (let done = 0; done < buffer.length;) {
    const count = readSync(file, buffer, done, buffer.length - done, at + done);
    if (count === 0) throw new Error('a file became shorter while it was read');
    done += count;
  }
  return buffer;
}

function requireInside(at: number, length: number, size: number): void {
  if (Number.isSafeInteger(at) && Number.isSafeInteger(length) && at >= 0 && length >= 0 && at + length <= size) return;
  throw new RangeError(`${length} bytes at ${at} of ${size}`);
}
