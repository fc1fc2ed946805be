/** One block of an .xz stream (3), and the chunks of LZMA2 in it. */
import { crc32 } from 'node:zlib';
import { SamesourceError } from '../model/error.ts';
import { readVli } from '../format/vli.ts';
import type { View } from '../platform/view.ts';
import { unsafe } from './cover.ts';
import type { FieldSpec, Layout } from './layout.ts';

export interface XzBlock {
  readonly content: { readonly at: number; readonly size: number };
  /** Header, content and check. */
  readonly unpadded: number;
  readonly unpacked: number;
  readonly end: number;
}

/** What the decoder holds in memory at most; that of `xz -9`. */
const dictionaryLimit = 64 * 1024 * 1024;

/** @param check bytes of the check behind it; `index`: how many came before */
export function readXzBlock(view: View, layout: Layout, at: number, check: number, index: number): XzBlock {
  const size = (view.read(at, 1).readUInt8() + 1) * 4;
  if (at + size > view.size) throw unsafe('xz', `the block header at ${at} breaks off`);
  const header = view.read(at, size);
  if (crc32(header.subarray(0, -4)) !== header.readUInt32LE(size - 4)) {
    throw unsafe('xz', `a wrong sum in the block header at ${at}`);
  }
  const start = at + size;
  const { packed, unpacked } = measure(view, start);
  const of = index === 0 ? undefined : `block ${index + 1}`;
  layout.fields(at, headerFields(header, packed, unpacked), of);
  layout.add(start, packed, 'content', 'content', { of });
  const padding = (4 - (packed % 4)) % 4;
  const end = start + packed + padding + check;
  if (end > view.size) throw unsafe('xz', `the block at ${at} breaks off`);
  if (view.read(start + packed, padding).some((byte) => byte !== 0)) {
    throw unsafe('xz', `bytes in the padding at ${start + packed}`);
  }
  layout.fields(
    start + packed,
    [
      ['block padding', padding, 'derived'],
      ['check', check, 'derived'],
    ],
    of,
  );
  return { content: { at: start, size: packed }, unpadded: size + packed + check, unpacked, end };
}

/** 3.1 */
function headerFields(header: Buffer, packed: number, unpacked: number): FieldSpec[] {
  const wrong = unsafe('xz', 'a malformed block header');
  const flags = header.readUInt8(1);
  if ((flags & 0x3c) !== 0) throw unsafe('xz', 'reserved flags of a block are set');
  const limit = header.subarray(0, -4);
  const fields: FieldSpec[] = [
    ['block header size', 1, 'structure'],
    ['block flags', 1, 'structure', () => `0x${flags.toString(16)}`],
  ];
  let at = 2;
  for (const [flag, name, value] of [
    [0x40, 'compressed size', packed],
    [0x80, 'uncompressed size', unpacked],
  ] as const) {
    if ((flags & flag) === 0) continue;
    const number = readVli(limit, at);
    if (number === undefined) throw wrong;
    if (number.value !== value) throw unsafe('xz', `a block of another ${name}`);
    fields.push([name, number.end - at, 'derived', () => String(value)]);
    at = number.end;
  }
  const filters = readFilters(limit, at, (flags & 3) + 1);
  fields.push(['filters', filters.end - at, 'structure', () => filters.shown]);
  if (limit.subarray(filters.end).some((byte) => byte !== 0))
    throw unsafe('xz', 'bytes in the padding of a block header');
  fields.push(['block header padding', limit.length - filters.end, 'derived'], ['block header crc', 4, 'derived']);
  return fields;
}

/** 5.3.1: LZMA2 alone, with the size of its dictionary in one byte. */
function readFilters(limit: Buffer, at: number, count: number): { readonly end: number; readonly shown: string } {
  const id = readVli(limit, at);
  const size = id === undefined ? undefined : readVli(limit, id.end);
  const bits = size === undefined ? undefined : limit[size.end];
  if (id === undefined || size === undefined || bits === undefined) throw unsafe('xz', 'a malformed block header');
  if (count > 1 || id.value !== 0x21) {
    throw new SamesourceError('unsupported', `xz: ${count} filters, the first ${id.value}, cannot be undone yet`);
  }
  if (size.value !== 1 || bits > 40) throw unsafe('xz', 'a malformed filter');
  const dictionary = (2 | (bits & 1)) * 2 ** (Math.floor(bits / 2) + 11);
  if (dictionary > dictionaryLimit) {
    throw new SamesourceError('unsupported', `xz: a dictionary of ${dictionary} bytes, more than ${dictionaryLimit}`);
  }
  return { end: size.end + 1, shown: `LZMA2, dictionary of ${dictionary} bytes` };
}

/** Follows the chunks of LZMA2 to their end; what is in them is left to the decoder. */
function measure(view: View, start: number): { readonly packed: number; readonly unpacked: number } {
  let [at, unpacked] = [start, 0];
  for (;;) {
    if (at >= view.size) throw unsafe('xz', 'the compressed data breaks off');
    const chunk = view.read(at, Math.min(6, view.size - at));
    const control = chunk.readUInt8();
    if (control === 0) return { packed: at + 1 - start, unpacked };
    if (chunk.length < 6 || (control > 2 && control < 0x80)) throw unsafe('xz', `no LZMA2 chunk at ${at}`);
    const size = chunk.readUInt16BE(1) + 1;
    if (control < 0x80) {
      unpacked += size;
      at += 3 + size;
    } else {
      unpacked += (control & 0x1f) * 0x10000 + size;
      // A new set of properties takes one byte more.
      at += (control >= 0xc0 ? 6 : 5) + chunk.readUInt16BE(3) + 1;
    }
  }
}
