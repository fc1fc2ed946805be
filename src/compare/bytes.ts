/** Compares two files byte for byte. */
import { open } from 'node:fs/promises';

export interface ByteDifference {
  /** Unequal bytes at the same offset, plus the length by which one file is longer; 0 means equal. */
  readonly bytes: number;
  /** Offset of the first one, or -1. */
  readonly firstOffset: number;
}

const window = 1024 * 1024;

export async function compareBytes(left: string, right: string): Promise<ByteDifference> {
  const [a, b] = [await open(left, 'r'), await open(right, 'r')];
  try {
    const bufferA = Buffer.allocUnsafe(window);
    const bufferB = Buffer.allocUnsafe(window);
    let [bytes, firstOffset, at] = [0, -1, 0];
    const sizes = [(await a.stat()).size, (await b.stat()).size] as const;
    const common = Math.min(...sizes);
    while (at < common) {
      const length = Math.min(window, common - at);
      await Promise.all([fill(a, bufferA, length, at), fill(b, bufferB, length, at)]);
      const found = countUnequal(bufferA, bufferB, length);
      if (found.bytes > 0 && firstOffset === -1) firstOffset = at + found.first;
      bytes += found.bytes;
      at += length;
    }
    const longer = Math.abs(sizes[0] - sizes[1]);
    if (longer > 0 && firstOffset === -1) firstOffset = common;
    return { bytes: bytes + longer, firstOffset };
  } finally {
    await a.close();
    await b.close();
  }
}

async function fill(file: Awaited<ReturnType<typeof open>>, buffer: Buffer, length: number, at: number): Promise<void> {
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(buffer, done, length - done, at + done);
    if (bytesRead === 0) throw new Error('a file became shorter while it was compared');
    done += bytesRead;
  }
}

function countUnequal(a: Buffer, b: Buffer, length: number): { bytes: number; first: number } {
  if (a.compare(b, 0, length, 0, length) === 0) return { bytes: 0, first: -1 };
  let [bytes, first] = [0, -1];
  for (let index = 0; index < length; index++) {
    if (a[index] === b[index]) continue;
    if (first === -1) first = index;
    bytes += 1;
  }
  return { bytes, first };
}
