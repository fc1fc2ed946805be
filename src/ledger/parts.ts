/** The parts of a region, one after the other. */
import type { Region, RegionClass } from '../model/region.ts';
import { clipped } from './layout.ts';

export interface PartList {
  /** The next `size` bytes; none if that is 0. */
  add(size: number, kind: RegionClass, field: string, value?: string): void;
  readonly parts: readonly Region[];
}

/** @param at where the first part begins */
export function partList(at: number, member?: string): PartList {
  const parts: Region[] = [];
  let end = at;
  return {
    parts,
    add(size, kind, field, value) {
      if (size === 0) return;
      const name = member === undefined ? field : `${member}: ${field}`;
      parts.push({
        at: end,
        size,
        class: kind,
        name,
        field,
        ...(member === undefined ? {} : { member }),
        ...(value === undefined ? {} : { value: clipped(value) }),
      });
      end += size;
    },
  };
}
