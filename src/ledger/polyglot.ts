/**
 * Files that are two things at once: readers of zip go by the end, all others by the beginning. With a
 * jar behind an installer (CVE-2020-1464) or a program before a package (CVE-2017-13156) one of the two is
 * looked at, and the other one is run.
 */
import type { FormatName } from '../model/region.ts';
import { endsAsZip } from '../format/zip-end.ts';
import type { View } from '../platform/view.ts';
import { unsafe } from './cover.ts';
import type { LedgerRegion, Reading } from './types.ts';

/** Archives that unpack themselves are such files, and the overlay is compared like everything else. */
const programs: readonly FormatName[] = ['elf', 'pe', 'mach-o', 'mach-o-fat'];

/** @throws SamesourceError `archive-unsafe` if a file of this format, no program, ends as a zip archive does */
export function refusePolyglot(view: View, format: FormatName): void {
  if (format === 'zip' || programs.includes(format) || !endsAsZip(view)) return;
  const script = view.size > 2 && view.read(0, 2).toString('latin1') === '#!';
  const head = script ? 'a script' : format === 'binary' ? 'something else' : format;
  throw unsafe('zip', `the file begins as ${head} and ends as a zip archive`);
}

/** Says so of a program's overlay if it is a zip archive. */
export function nameZipOverlay(view: View, reading: Reading): Reading {
  if (!programs.includes(reading.format) || !endsAsZip(view)) return reading;
  const named = (region: LedgerRegion): LedgerRegion => {
    const last = region.class === 'overlay' && region.at + region.size === view.size;
    return last ? { ...region, value: 'a zip archive' } : region;
  };
  return { ...reading, regions: reading.regions.map(named) };
}
