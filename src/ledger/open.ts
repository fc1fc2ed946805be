/** Reads a file's ledger, of whatever format it is. */
import type { FormatName } from '../model/region.ts';
import type { View } from '../platform/view.ts';
import { unsafe } from './cover.ts';
import { formats } from './index.ts';
import { nameZipOverlay, refusePolyglot } from './polyglot.ts';
import type { Reading, Workshop } from './types.ts';

/** The format that a file has by its content. `name`: last part of its path. */
export function formatOf(view: View, name: string): Exclude<FormatName, 'directory'> {
  for (const [format, reader] of Object.entries(formats)) {
    if (reader.recognises(view, name)) return format as Exclude<FormatName, 'directory'>;
  }
  return 'binary';
}

/** @throws SamesourceError `archive-unsafe`, `unsupported`, `too-large` */
export async function readLedger(
  view: View,
  name: string,
  workshop: Workshop,
  format = formatOf(view, name),
): Promise<Reading> {
  try {
    refusePolyglot(view, format);
    return nameZipOverlay(view, await formats[format].read(view, workshop, name));
  } catch (error) {
    // A hostile offset sent a reader beyond the end of the file.
    throw error instanceof RangeError ? unsafe(format, error.message, error) : error;
  }
}
