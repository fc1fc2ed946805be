/**
 * Lays out a file whose structures lie inside each other's ranges, as a program's do: named pieces
 * first, then the grounds that they stand on (sections, segments), then what is left between those.
 */
import type { RegionClass } from '../model/region.ts';
import { isZero, type View } from '../platform/view.ts';
import { coverOf, unsafe } from './cover.ts';
import type { LedgerRegion } from './types.ts';

/** Name, bytes, class, and what the bytes mean. */
export type FieldSpec = readonly [
  field: string,
  size: number,
  kind: RegionClass,
  show?: ((bytes: Buffer) => string) | undefined,
];

export interface Layout {
  /** The region is named `of: field`. */
  add(at: number, size: number, kind: RegionClass, field: string, more?: PieceMore): void;
  /** Fields one after the other. Gives their end. @throws SamesourceError `archive-unsafe` beyond the end */
  fields(at: number, specs: readonly FieldSpec[], of?: string): number;
  /** What no piece takes of the range. As `padding` it is opaque wherever it is not zero. */
  ground(at: number, size: number, kind: RegionClass, field: string, more?: PieceMore): void;
  /**
   * Sorted and total; what neither piece nor ground takes is padding if it is zero, else opaque.
   * @throws SamesourceError `archive-unsafe` for an overlap, or bytes past the end
   */
  finish(): LedgerRegion[];
}

interface PieceMore {
  readonly of?: string | undefined;
  readonly value?: string | undefined;
}

interface Piece extends PieceMore {
  readonly at: number;
  readonly size: number;
  readonly kind: RegionClass;
  readonly field: string;
}

/** Longer values are cut: they come from the file. */
const longest = 200;

/** @param format for messages */
export function layoutOf(format: string, view: View): Layout {
  const pieces: Piece[] = [];
  const grounds: Piece[] = [];
  const add: Layout['add'] = (at, size, kind, field, more = {}) => {
    if (size > 0) pieces.push({ at, size, kind, field, ...more });
  };
  return {
    add,
    fields(at, specs, of) {
      let end = at;
      for (const [field, size, kind, show] of specs) {
        if (end + size > view.size) throw unsafe(format, `${field} at ${end} breaks off`);
        add(end, size, kind, field, { of, value: show?.(view.read(end, size)) });
        end += size;
      }
      return end;
    },
    ground(at, size, kind, field, more = {}) {
      if (size > 0) grounds.push({ at, size, kind, field, ...more });
    },
    finish() {
      const named = sorted(pieces);
      const under = sorted(grounds);
      requireApart(format, named);
      requireApart(format, under);
      const laid = sorted([...named, ...uncovered(under, named)]);
      const all = { at: 0, size: view.size, kind: 'padding', field: 'gap' } as const;
      return covered(format, view, [...laid, ...uncovered([all], laid)]);
    },
  };
}

function sorted(pieces: readonly Piece[]): Piece[] {
  return pieces.toSorted((a, b) => a.at - b.at);
}

function requireApart(format: string, inOrder: readonly Piece[]): void {
  let before: Piece | undefined;
  for (const piece of inOrder) {
    if (before !== undefined && piece.at < before.at + before.size) {
      throw unsafe(format, `${nameOf(piece)} at ${piece.at} lies over ${nameOf(before)}`);
    }
    before = piece;
  }
}

function nameOf({ of, field }: Piece): string {
  return of === undefined ? field : `${of}: ${field}`;
}

/** What the pieces leave of the grounds. Both are sorted and do not overlap among themselves. */
function uncovered(grounds: readonly Piece[], pieces: readonly Piece[]): Piece[] {
  const left: Piece[] = [];
  let next = 0;
  for (const ground of grounds) {
    const end = ground.at + ground.size;
    let at = ground.at;
    for (; next < pieces.length; next++) {
      const piece = pieces[next];
      if (piece === undefined || piece.at >= end) break;
      if (piece.at > at) left.push({ ...ground, at, size: piece.at - at });
      at = Math.max(at, piece.at + piece.size);
      // It may reach into the next ground.
      if (at > end) break;
    }
    if (at < end) left.push({ ...ground, at, size: end - at });
  }
  return left;
}

/**
 * The cover names regions by members; these have none, so it goes again. What is left of a ground in
 * several places has one name, and gets numbers.
 */
function covered(format: string, view: View, pieces: readonly Piece[]): LedgerRegion[] {
  const cover = coverOf(format, view);
  for (const piece of pieces) {
    const { at, size, field, of, value } = piece;
    if (at + size > view.size) throw unsafe(format, `${nameOf(piece)} breaks off`);
    const kind = piece.kind === 'padding' && !isZero(view, at, size) ? 'opaque' : piece.kind;
    cover.add(at, size, kind, field, {
      ...(of === undefined ? {} : { member: of }),
      ...(value === undefined ? {} : { value: clipped(value) }),
    });
  }
  const seen = new Map<string, number>();
  return cover.finish().map(({ at, size, class: kind, name, field, value }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const numbered = count === 1 ? name : `${name} (${count})`;
    return { at, size, class: kind, name: numbered, field, ...(value === undefined ? {} : { value }) };
  });
}

/** A value from the file, of bounded length. */
export function clipped(value: string): string {
  return value.length <= longest ? value : `${value.slice(0, longest - 1)}…`;
}
