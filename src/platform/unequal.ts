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
const turn = 256 * window;
/** Equal bytes that do not end a run: the distance at which a reader takes two changes for one. */
const joined = 8;
const mostRuns = 4096;

/** Reads each byte of both once. */
export async function unequal(left: View, right: View): Promise<Unequal> {
  const common = Math.min(left.size, right.size);
  const found = collector();
  const windows = [Buffer.allocUnsafe(Math.min(window, common)), Buffer.allocUnsafe(Math.min(window, common))] as const;
  for (let at = 0; at < common; at += window) {
    const [a, b] = windows.map((whole) => whole.subarray(0, common - at)) as [Buffer, Buffer];
    left.readInto(a, at);
    right.readInto(b, at);
    if (!a.equals(b)) found.take(a, b, at);
    if (at > 0 && at % turn === 0) await setImmediate();
  }
  const longer = Math.abs(left.size - right.size);
  const firstOffset = found.runs[0]?.at ?? (longer > 0 ? common : -1);
  return { bytes: found.bytes() + longer, firstOffset, runs: found.runs };
}

function collector(): { readonly runs: Run[]; bytes(): number; take(a: Buffer, b: Buffer, at: number): void } {
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
      for (let index = 0; index < a.length; index++) {
        if (a[index] === b[index]) continue;
        const here = at + index;
        bytes += 1;
        if (open === undefined || (here - open.end >= joined && runs.length < mostRuns)) {
          close();
          open = { at: here, end: here, unequal: 0 };
          runs.push({ at: here, size: 1, unequal: 1 });
        }
        open.end = here + 1;
        open.unequal += 1;
      }
      close();
    },
  };
}

/** Whether two views hold the same bytes. */
export function isEqual(left: View, right: View): boolean {
  if (left.size !== right.size) return false;
  for (let at = 0; at < left.size; at += window) {
    const length = Math.min(window, left.size - at);
    if (!left.read(at, length).equals(right.read(at, length))) return false;
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
