/** Bits of a view, the high ones of each byte first. */
import type { View } from '../platform/view.ts';

export interface Bits {
  /** At most 24. @throws RangeError beyond the end */
  read(count: number): number;
  /** The next ones, which stay. */
  peek(count: number): number;
  skip(count: number): void;
  /** Bits up to the next whole byte: skipped. */
  align(): number;
  /** Bytes that were touched. */
  readonly used: number;
}

const window = 256 * 1024;

export function bitsOf(view: View, start: number): Bits {
  let piece: Buffer = Buffer.alloc(0);
  let pieceAt = start;
  let next = 0;
  let held = 0;
  let count = 0;
  const fill = (wanted: number): void => {
    while (count < wanted) {
      if (next === piece.length) {
        pieceAt += piece.length;
        next = 0;
        // Beyond the end this throws.
        piece = view.read(pieceAt, Math.max(1, Math.min(window, view.size - pieceAt)));
      }
      held = (held << 8) | (piece[next++] ?? 0);
      count += 8;
    }
  };
  const peek = (wanted: number): number => {
    fill(wanted);
    return (held >>> (count - wanted)) & ((1 << wanted) - 1);
  };
  return {
    peek,
    read(wanted) {
      const value = peek(wanted);
      count -= wanted;
      return value;
    },
    skip(wanted) {
      fill(wanted);
      count -= wanted;
    },
    align() {
      const rest = count % 8;
      const value = (held >>> (count - rest)) & ((1 << rest) - 1);
      count -= rest;
      return value;
    },
    get used() {
      return pieceAt + next - Math.floor(count / 8) - start;
    },
  };
}
