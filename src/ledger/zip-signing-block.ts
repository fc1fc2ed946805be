/** The APK signing block, between the entries and the central directory of a zip archive. */
import type { View } from '../platform/view.ts';
import { unsafe, type Cover } from './cover.ts';

const magic = 'APK Sig Block 42';
/** Its size, before the magic; and the same once more at its start. */
const sizes = 8;
/** Signers may let the block begin at the start of a page. */
const page = 4096;

/**
 * Bounds the block by its two sizes and its magic; what lies in it is read elsewhere.
 * @param at the end of the entries
 * @throws SamesourceError `archive-unsafe` for anything else between there and the directory
 */
export function coverSigningBlock(view: View, cover: Cover, at: number, directoryAt: number): void {
  const room = directoryAt - at;
  if (room === 0) return;
  const stray = unsafe('zip', `${room} bytes between the entries and the central directory, at ${at}`);
  if (room < 2 * sizes + magic.length) throw stray;
  const foot = view.read(directoryAt - magic.length - sizes, sizes + magic.length);
  if (foot.toString('latin1', sizes) !== magic) throw stray;
  const size = Number(foot.readBigUInt64LE(0)) + sizes;
  const start = directoryAt - size;
  if (start < at || size < 2 * sizes + magic.length) throw unsafe('zip', `a signing block of ${size} bytes`);
  if (view.read(start, sizes).readBigUInt64LE(0) !== foot.readBigUInt64LE(0)) {
    throw unsafe('zip', 'the two sizes of the signing block differ');
  }
  if (start !== at && (start % page !== 0 || start - at >= page)) throw stray;
  cover.pad(at, start - at, 'padding before the signing block');
  cover.add(start, size, 'signature', 'apk signing block');
}
