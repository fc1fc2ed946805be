/** Builds the cover of a file and checks that it is total. */
import { SamesourceError } from '../model/error.ts';
import type { RegionClass } from '../model/region.ts';
import type { View } from '../platform/view.ts';
import type { LedgerRegion, Reading } from './types.ts';

export interface Cover {
  /** `field` is the name's last part, the same for all entries; it is the name itself where there is one only. */
  add(at: number, size: number, kind: RegionClass, field: string, more?: RegionMore): void;
  /** Adds padding. @throws SamesourceError `archive-unsafe` unless every byte is `byte` */
  pad(at: number, size: number, field: string, more?: PadMore): void;
  /** Sorted. @throws SamesourceError `archive-unsafe` for a gap, an overlap, or bytes past the end */
  finish(): LedgerRegion[];
}

interface RegionMore {
  /** The region's name is `member: field`. */
  readonly member?: string;
  readonly value?: string;
  readonly parts?: NonNullable<LedgerRegion['parts']>;
}

interface PadMore extends RegionMore {
  /** What it must consist of; 0 unless said. */
  readonly byte?: number;
  /** It fills up what stands before it, so that its length follows from that. */
  readonly filler?: boolean;
}

/** @param format for messages */
export function coverOf(format: string, view: View): Cover {
  const regions: LedgerRegion[] = [];
  const add: Cover['add'] = (at, size, kind, field, more = {}) => {
    if (size === 0) return;
    const name = more.member === undefined ? field : `${more.member}: ${field}`;
    const { member, value, parts } = more;
    regions.push({
      at,
      size,
      class: kind,
      name,
      field,
      ...(member === undefined ? {} : { member }),
      ...(value === undefined ? {} : { value }),
      ...(parts === undefined ? {} : { parts }),
    });
  };
  return {
    add,
    pad(at, size, field, more = {}) {
      requireOnly(format, view, at, size, more.byte ?? 0);
      add(at, size, more.filler === true ? 'derived' : 'padding', field, more);
    },
    finish() {
      regions.sort((a, b) => a.at - b.at || a.size - b.size);
      requireTotal(format, regions, 0, view.size);
      return regions;
    },
  };
}

/** The cover in full detail. @throws SamesourceError `archive-unsafe` if the parts of a region are not all of it */
export function detailed(reading: Reading): LedgerRegion[] {
  return reading.regions.flatMap((region) => partsOf(reading.format, region) ?? [region]);
}

/** The parts of a region, checked. */
export function partsOf(format: string, region: LedgerRegion): readonly LedgerRegion[] | undefined {
  const parts = region.parts?.();
  if (parts !== undefined) requireTotal(format, parts, region.at, region.size);
  return parts;
}

function requireTotal(format: string, regions: readonly LedgerRegion[], start: number, size: number): void {
  let end = start;
  let before = 'the start';
  for (const region of regions) {
    if (region.at > end) throw unsafe(format, `${region.at - end} bytes at ${end} that belong to nothing`);
    if (region.at < end) throw unsafe(format, `${region.name} at ${region.at} lies over ${before}`);
    end = region.at + region.size;
    before = region.name;
  }
  if (end < start + size) throw unsafe(format, `${start + size - end} bytes after the end, at ${end}`);
  if (end > start + size) throw unsafe(format, `${before} breaks off`);
}

const window = 1024 * 1024;

function requireOnly(format: string, view: View, at: number, size: number, byte: number): void {
  if (at + size > view.size) throw unsafe(format, `${size} bytes of padding at ${at} break off`);
  for (let done = 0; done < size; done += window) {
    const piece = view.read(at + done, Math.min(window, size - done));
    const found = piece.findIndex((one) => one !== byte);
    if (found !== -1) throw unsafe(format, `bytes in the padding at ${at + done + found}`);
  }
}

/** The error of every reader: the file is damaged, or says two things. */
export function unsafe(format: string, what: string, cause?: unknown): SamesourceError {
  return new SamesourceError('archive-unsafe', `${format}: ${what}`, cause === undefined ? {} : { cause });
}
