/** Where two views differ, byte by byte. */
import { setImmediate } from 'node:timers/promises';
import type { View } from './view.ts';

export interface Run {
  readonly at: number;
  readonly size: number;
  /** Unequal bytes in it; a few equal ones may lie between them. */
  readonly unequal: number;
}

export interface Unequal {
  /** Unequal bytes at the same offset, plus the length by which one view is longer; 0 means equal. */
  readonly bytes: number;
  /** Offset of the first one, or -1. */
  readonly firstOffset: number;
  /** Of the common length, in order. The last one reaches to the end of what differs if there were too many. */
  readonly runs: readonly Run[];
}

/** Small enough to stay near the processor between the reading and the comparing. */
const window = 256 * 1024;
/** Other work gets its turn after so many bytes. */
const turn = 16 * window;
/** Equal bytes that do not end a run: the distance at which a reader takes two changes for one. */
const joined = 8;
const mostRuns = 4096;

/** Reads each byte of both once. */
export async function unequal(left: View, right: View, signal?: AbortSignal): Promise<Unequal> {
  const common = Math.min(left.size, right.size);
  const found = collector();
  const length = Math.min(window, common);
  // Not from the pool of small buffers: they are looked at in words.
  const windows = [Buffer.allocUnsafeSlow(length), Buffer.allocUnsafeSlow(length)] as const;
  for (let at = 0; at < common; at += window) {
    const [a, b] = windows.map((whole) => whole.subarray(0, common - at)) as [Buffer, Buffer];
    left.readInto(a, at);
    right.readInto(b, at);
    if (!a.equals(b)) found.take(a, b, at);
    if (at > 0 && at % turn === 0) {
      await setImmediate();
      signal?.throwIfAborted();
    }
  }
  const longer = Math.abs(left.size - right.size);
  const firstOffset = found.runs[0]?.at ?? (longer > 0 ? common : -1);
  return { bytes: found.bytes() + longer, firstOffset, runs: found.runs };
}

interface Collector {
  readonly runs: Run[];
  bytes(): number;
  take(a: Buffer, b: Buffer, at: number): void;
}

function collector(): Collector {
  const runs: Run[] = [];
  let bytes = 0;
  let open: { at: number; end: number; unequal: number } | undefined;
  const close = (): void => {
    if (open !== undefined) runs[runs.length - 1] = { at: open.at, size: open.end - open.at, unequal: open.unequal };
  };
  return {
    runs,
    bytes: () => bytes,
    take(a, b, at) {
      // Plain numbers in the loop: files of nothing but differences go through it.
      let end = open === undefined ? -joined : open.end - at;
      let apart = runs.length < mostRuns ? joined : Infinity;
      let count = 0;
      const flush = (): void => {
        if (open !== undefined) open = { at: open.at, end: at + end, unequal: open.unequal + count };
        bytes += count;
        count = 0;
        close();
      };
      const byByte = (from: number, to: number): void => {
        for (let index = from; index < to; index++) {
          if (a[index] === b[index]) continue;
          if (index - end >= apart) {
            flush();
            open = { at: at + index, end: at + index, unequal: 0 };
            runs.push({ at: at + index, size: 0, unequal: 0 });
            if (runs.length === mostRuns) apart = Infinity;
          }
          end = index + 1;
          count += 1;
        }
      };
      const [left, right] = [wordsOf(a), wordsOf(b)];
      for (let word = 0; word < left.length; word++) {
        const differing = (left[word] ?? 0) ^ (right[word] ?? 0);
        if (differing === 0) continue;
        const index = word * 4;
        // Too far from the open run for its last byte: it may begin another one.
        if (index + 3 - end >= apart) {
          byByte(index, index + 4);
          continue;
        }
        end = index + 4 - (Math.clz32(differing) >>> 3);
        count += unequalIn(differing);
      }
      byByte(left.length * 4, a.length);
      flush();
    },
  };
}

function wordsOf(bytes: Buffer): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
}

/** How many of the four bytes of a word are not 0: the highest bit of each is set if any bit of it is. */
function unequalIn(word: number): number {
  const marks = (((word & 0x7f7f7f7f) + 0x7f7f7f7f) | word) & 0x80808080;
  return (marks >>> 31) + ((marks >>> 23) & 1) + ((marks >>> 15) & 1) + ((marks >>> 7) & 1);
}

/** For work that is never interrupted between reading and comparing. */
const shared = [Buffer.allocUnsafeSlow(window), Buffer.allocUnsafeSlow(window)] as const;

/** Whether two views hold the same bytes. */
export function isEqual(left: View, right: View): boolean {
  if (left.size !== right.size) return false;
  for (let at = 0; at < left.size; at += window) {
    const length = Math.min(window, left.size - at);
    const [a, b] = [shared[0].subarray(0, length), shared[1].subarray(0, length)];
    left.readInto(a, at);
    right.readInto(b, at);
    if (!a.equals(b)) return false;
  }
  return true;
}

/** Lengths of the common start and, behind it, of the common end. */
export function commonEnds(left: View, right: View): { readonly start: number; readonly end: number } {
  const shorter = Math.min(left.size, right.size);
  const start = matching(shorter, (at, length) => [left.read(at, length), right.read(at, length)]);
  const end = matchingBack(shorter - start, (back, length) => [
    left.read(left.size - back - length, length),
    right.read(right.size - back - length, length),
  ]);
  return { start, end };
}

type Windows = (at: number, length: number) => readonly [Buffer, Buffer];

function matching(most: number, read: Windows): number {
  for (let at = 0; at < most; at += window) {
    const [a, b] = read(at, Math.min(window, most - at));
    if (a.equals(b)) continue;
    return at + a.findIndex((byte, index) => byte !== b[index]);
  }
  return most;
}

function matchingBack(most: number, read: Windows): number {
  for (let back = 0; back < most; back += window) {
    const [a, b] = read(back, Math.min(window, most - back));
    if (a.equals(b)) continue;
    return back + (a.length - 1 - a.findLastIndex((byte, index) => byte !== b[index]));
  }
  return most;
}
