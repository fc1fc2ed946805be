import { isUtf8 } from 'node:buffer';
import { startOf } from '../platform/view.ts';
import { coverOf } from './cover.ts';
import type { Format } from './types.ts';

/** Larger files are compared as bytes: no one reads them as lines. */
const textLimit = 6 * 1024 * 1024;
const sampled = 64 * 1024;

/** UTF-8 without control characters but those that lay lines out. */
export const text: Format = {
  recognises(view) {
    if (view.size === 0 || view.size > textLimit) return false;
    return (
      isText(startOf(view, sampled), view.size <= sampled) &&
      (view.size <= sampled || isText(view.read(0, view.size), true))
    );
  },
  read(view) {
    const cover = coverOf('text', view);
    cover.add(0, view.size, 'content', 'text');
    return { format: 'text', regions: cover.finish(), members: [], facts: {} };
  },
};

/** A sample may break off inside a character. */
function isText(bytes: Buffer, whole: boolean): boolean {
  if (!whole) return !hasControls(bytes);
  return !hasControls(bytes) && isUtf8(bytes);
}

const layout = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x1b]);

function hasControls(bytes: Buffer): boolean {
  return bytes.some((byte) => byte < 0x20 && !layout.has(byte));
}
