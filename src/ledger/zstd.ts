/** Zstandard (RFC 8878): exactly one frame, and nothing after it. */
import { SamesourceError } from '../model/error.ts';
import { decompress } from '../format/compression.ts';
import { xxh64 } from '../format/xxh64.ts';
import { pieces, startOf, type View } from '../platform/view.ts';
import { unsafe } from './cover.ts';
import { layoutOf, type FieldSpec } from './layout.ts';
import { onlyMember } from './only-member.ts';
import type { Format } from './types.ts';

const magic = '28b52ffd';
/** What decoders hold in memory at most, unless they are told to take more. */
const windowLimit = 128 * 1024 * 1024;

export const zstd: Format = {
  recognises: (view) => startOf(view, 4).toString('hex') === magic,
  async read(view, workshop) {
    const layout = layoutOf('zstd', view);
    const header = readHeader(view);
    const start = layout.fields(0, header.fields);
    const end = endOfBlocks(view, start);
    layout.add(start, end - start, 'content', 'content');
    const all = header.checked ? end + 4 : end;
    if (all > view.size) throw unsafe('zstd', 'the frame breaks off');
    if (header.checked) layout.add(end, 4, 'derived', 'checksum');
    requireEnd(view, all);
    const hash = xxh64();
    const bounds = { bytes: Number.MAX_SAFE_INTEGER };
    const content = await workshop.keep(
      hashed(decompress('zstd', sizeless(view, header, start), bounds), hash),
      view.size,
    );
    if (header.size !== undefined && content.size !== header.size) throw unsafe('zstd', 'a wrong size');
    if (header.checked && view.read(end, 4).readUInt32LE() !== Number(BigInt.asUintN(32, hash.digest()))) {
      throw unsafe('zstd', 'a wrong check sum');
    }
    const members = [onlyMember(content, {}, { at: start, size: end - start })];
    return { format: 'zstd', regions: layout.finish(), members, facts: {} };
  },
};

/**
 * The frame without its content size: a decoder may take that for the truth and leave out the rest, and
 * then no one would know.
 */
async function* sizeless(view: View, { checked, window }: FrameHeader, start: number): AsyncGenerator<Uint8Array> {
  yield Buffer.concat([Buffer.from(magic, 'hex'), Buffer.from([checked ? 4 : 0, window])]);
  yield* pieces(view.slice(start, view.size - start));
}

async function* hashed(chunks: AsyncIterable<Uint8Array>, hash: ReturnType<typeof xxh64>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

interface FrameHeader {
  readonly fields: readonly FieldSpec[];
  readonly checked: boolean;
  /** Of the content, where the frame says it. */
  readonly size: number | undefined;
  /** The window descriptor, or one that would do for a frame that is a single segment. */
  readonly window: number;
}

/** 3.1.1.1 */
function readHeader(view: View): FrameHeader {
  const bytes = startOf(view, 18);
  const descriptor = bytes[4] ?? 0;
  if ((descriptor & 0x18) !== 0) throw unsafe('zstd', 'reserved flags are set');
  const single = (descriptor & 0x20) !== 0;
  const windowSize = single ? 0 : 1;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeField = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const sizeAt = 5 + windowSize + dictionary;
  if (sizeAt + sizeField > bytes.length) throw unsafe('zstd', 'the frame header breaks off');
  if (dictionary > 0) throw new SamesourceError('unsupported', 'zstd: a frame that needs a dictionary');
  const size = contentSize(bytes, sizeAt, sizeField);
  requireWindow(single ? (size ?? 0) : windowOf(bytes[5] ?? 0));
  return {
    checked: (descriptor & 4) !== 0,
    size,
    window: single ? Math.max(0, Math.ceil(Math.log2(size ?? 1)) - 10) << 3 : (bytes[5] ?? 0),
    fields: [
      ['magic', 4, 'structure'],
      ['frame descriptor', 1, 'structure', () => `0x${descriptor.toString(16).padStart(2, '0')}`],
      ['window descriptor', windowSize, 'structure', () => `${windowOf(bytes[5] ?? 0)} bytes`],
      ['content size', sizeField, 'derived', () => String(size)],
    ],
  };
}

function contentSize(bytes: Buffer, at: number, size: number): number | undefined {
  if (size === 0) return undefined;
  if (size < 8) return bytes.readUIntLE(at, size) + (size === 2 ? 256 : 0);
  const wide = Number(bytes.readBigUInt64LE(at));
  if (!Number.isSafeInteger(wide)) throw unsafe('zstd', `a size of ${wide}`);
  return wide;
}

/** 3.1.1.1.2 */
function windowOf(byte: number): number {
  const base = 2 ** (10 + (byte >> 3));
  return base + (base / 8) * (byte & 7);
}

function requireWindow(size: number): void {
  if (size <= windowLimit) return;
  throw new SamesourceError('unsupported', `zstd: a window of ${size} bytes, more than ${windowLimit}`);
}

/** 3.1.1.2 */
function endOfBlocks(view: View, start: number): number {
  for (let at = start; ;) {
    if (at + 3 > view.size) throw unsafe('zstd', 'the frame breaks off');
    const header = view.read(at, 3).readUIntLE(0, 3);
    const type = (header >> 1) & 3;
    if (type === 3) throw unsafe('zstd', `a block of a reserved type at ${at}`);
    // A block of one repeated byte has but that byte.
    at += 3 + (type === 1 ? 1 : header >> 3);
    if ((header & 1) === 1) return at;
  }
}

/** Readers go on with more frames, and over those that they are to skip. */
function requireEnd(view: View, end: number): void {
  const rest = view.size - end;
  if (rest === 0) return;
  const next = view.read(end, Math.min(4, rest)).toString('hex');
  const what = /^5.2a4d18$/.test(next) ? ': a frame to be skipped' : next === magic ? ': another frame' : '';
  throw unsafe('zstd', `${rest} bytes after the end, at ${end}${what}`);
}
