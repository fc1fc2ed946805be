import { bothBytes } from '../spans.ts';
import type { Delta, Pair } from '../types.ts';

/** Fields that hold a mode. */
export function isMode({ field }: Delta): boolean {
  return /^(?:central )?(?:mode|external attributes)$/.test(field);
}

/**
 * Modes of both sides, type bits included where the format keeps them there, but for those of a plain
 * file, which may as well be left out; undefined if they are no modes.
 */
export function modesOf(pair: Pair, delta: Delta): readonly [released: number, rebuilt: number] | undefined {
  const both =
    pair.format === 'zip'
      ? zipModes(bothBytes(pair, delta))
      : [delta.released?.text, delta.rebuilt?.text].map((text) => octal(text));
  const [theirs, ours] = both ?? [];
  return theirs === undefined || ours === undefined ? undefined : [withoutPlain(theirs), withoutPlain(ours)];
}

function withoutPlain(mode: number): number {
  return mode >> 12 === 0o10 ? mode & 0o7777 : mode;
}

function octal(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-7]{1,7}$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

/** The upper half holds the mode of Unix; the lower half, of DOS, has to be equal. */
function zipModes(bytes: readonly [Buffer, Buffer] | undefined): readonly [number, number] | undefined {
  if (bytes === undefined || bytes.some(({ length }) => length !== 4)) return undefined;
  const [theirs, ours] = bytes;
  if (theirs.readUInt16LE(0) !== ours.readUInt16LE(0)) return undefined;
  return [theirs.readUInt16LE(2), ours.readUInt16LE(2)];
}
