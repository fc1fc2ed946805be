/** Deflate as the programs out there pack it, to see which of them gives the bytes that were shipped. */
import { Deflate } from 'pako';
import type { View } from '../../platform/view.ts';

export interface Encoder {
  readonly name: string;
  readonly level: number;
  readonly memLevel: number;
  readonly vanilla: boolean;
}

/**
 * The two families that most packers use: zlib as its authors publish it (Python, Java, libarchive, dpkg,
 * git), and the one of Chromium, which is in Node on x86-64 and finds its matches with another hash.
 */
export const encoders: readonly Encoder[] = [6, 9, 1, 5, 7, 8, 4, 3, 2].flatMap((level) =>
  [8, 9].flatMap((memLevel) =>
    [true, false].map((vanilla) => ({
      name: `${vanilla ? 'zlib' : "Chromium's zlib (as in Node)"} level ${level}${memLevel === 9 ? ' memLevel 9' : ''}`,
      level,
      memLevel,
      vanilla,
    })),
  ),
);

const piece = 64 * 1024;
/** Small, so that the first block is looked at as soon as it is there. */
const chunkSize = 4 * 1024;

/**
 * Whether `encoder` packs `payload` to exactly `packed`. Stops at the first other byte, so a wrong
 * encoder costs little. `exact`: false if only the first `limit` bytes of the payload were packed.
 */
export function packsTo(
  encoder: Encoder,
  payload: View,
  packed: View,
  limit: number,
): { readonly agrees: boolean; readonly exact: boolean; readonly read: number } {
  const { level, memLevel, vanilla } = encoder;
  const deflate = new Deflate({ raw: true, level, memLevel, legacyHash: vanilla, chunkSize });
  const state = { at: 0, agrees: true };
  deflate.onData = (chunk) => {
    const end = state.at + chunk.length;
    state.agrees &&= end <= packed.size && packed.read(state.at, chunk.length).equals(chunk);
    state.at = end;
  };
  const size = Math.min(payload.size, limit);
  let read = 0;
  while (state.agrees && read < size) {
    const length = Math.min(piece, size - read);
    deflate.push(payload.read(read, length), read + length === payload.size);
    read += length;
  }
  if (payload.size === 0) deflate.push(Buffer.alloc(0), true);
  const exact = size === payload.size;
  return { agrees: state.agrees && (!exact || state.at === packed.size), exact, read };
}
