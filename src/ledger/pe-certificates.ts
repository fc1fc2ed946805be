/** The attribute certificate table: WIN_CERTIFICATE entries, each a header and a PKCS#7 message. */
import { readCertificateTable } from '../format/authenticode.ts';
import { isZero, type View } from '../platform/view.ts';
import { unsafe } from './cover.ts';
import type { Layout } from './layout.ts';

const headerSize = 8;

/**
 * Bytes between the end of a message and the end of its entry are in no signature (CVE-2013-3900):
 * up to 7 zeros are padding, anything else is named by itself.
 * @throws SamesourceError `archive-unsafe`
 */
export function addCertificates(layout: Layout, view: View, start: number, size: number): void {
  const end = start + size;
  if (start === 0 || end > view.size) throw unsafe('pe', `a certificate table of ${size} bytes at ${start}`);
  for (const [index, { at, size: length }] of readCertificateTable(view, { at: start, size }).entries()) {
    const of = `certificate ${index + 1}`;
    layout.fields(
      at,
      [
        ['certificate length', 4, 'signature', (bytes) => String(bytes.readUInt32LE())],
        ['certificate revision', 2, 'signature', (bytes) => `0x${bytes.readUInt16LE().toString(16)}`],
        ['certificate type', 2, 'signature', (bytes) => String(bytes.readUInt16LE())],
      ],
      of,
    );
    const next = Math.min(end, at + Math.ceil(length / 8) * 8);
    const message = Math.min(derSize(view, at + headerSize), length - headerSize);
    layout.add(at + headerSize, message, 'signature', 'pkcs7', { of });
    const rest = at + headerSize + message;
    const empty = next - rest < 8 && isZero(view, rest, next - rest);
    layout.add(rest, next - rest, empty ? 'padding' : 'opaque', 'certificate padding', { of });
  }
}

/** Bytes of a DER SEQUENCE with its head, or 0 if none stands here. */
function derSize(view: View, at: number): number {
  if (at + 2 > view.size) return 0;
  const [tag = 0, first = 0] = view.read(at, 2);
  if (tag !== 0x30) return 0;
  if (first < 0x80) return 2 + first;
  const bytes = first - 0x80;
  if (bytes < 1 || bytes > 4 || at + 2 + bytes > view.size) return 0;
  return 2 + bytes + view.read(at + 2, bytes).readUIntBE(0, bytes);
}
