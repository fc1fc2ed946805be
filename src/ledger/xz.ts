/** The .xz file format, 1.2.1: exactly one stream, and nothing after it. */
import { crc32 } from 'node:zlib';
import { SamesourceError } from '../model/error.ts';
import { decompress } from '../format/compression.ts';
import { readVli } from '../format/vli.ts';
import { pieces, startOf, type View } from '../platform/view.ts';
import { unsafe } from './cover.ts';
import { layoutOf, type Layout } from './layout.ts';
import { onlyMember } from './only-member.ts';
import { readXzBlock, type XzBlock } from './xz-block.ts';
import type { Format } from './types.ts';

const magic = 'fd377a585a00';
const headerSize = 12;
/** 2.1.1.2, those that the decoder checks. */
const checks: Readonly<Record<number, readonly [name: string, size: number]>> = {
  0: ['none', 0],
  1: ['crc32', 4],
  4: ['crc64', 8],
};

export const xz: Format = {
  recognises: (view) => startOf(view, 6).toString('hex') === magic,
  async read(view, workshop) {
    const layout = layoutOf('xz', view);
    const check = readHeader(view, layout);
    const blocks: XzBlock[] = [];
    let at = headerSize;
    while (byteAt(view, at) !== 0) {
      const block = readXzBlock(view, layout, at, check, blocks.length);
      workshop.count(0);
      blocks.push(block);
      at = block.end;
    }
    const end = readFooter(view, layout, at, readIndex(view, layout, at, blocks));
    requireEnd(view, end);
    // Checks the blocks' checks and sizes.
    const bounds = { bytes: Number.MAX_SAFE_INTEGER };
    const content = await workshop.keep(decompress('xz', asyncPieces(view), bounds), view.size);
    const sum = blocks.reduce((total, block) => total + block.unpacked, 0);
    if (content.size !== sum) throw unsafe('xz', `${content.size} bytes come out, and ${sum} are announced`);
    const [first, second] = blocks;
    const stored = first !== undefined && second === undefined ? first.content : undefined;
    return { format: 'xz', regions: layout.finish(), members: [onlyMember(content, {}, stored)], facts: {} };
  },
};

async function* asyncPieces(view: View): AsyncGenerator<Uint8Array> {
  yield* pieces(view);
}

/** 2.1.1. Gives the size of the checks. */
function readHeader(view: View, layout: Layout): number {
  if (view.size < headerSize) throw unsafe('xz', 'the stream header breaks off');
  const header = view.read(0, headerSize);
  const flags = header.readUInt8(7);
  if (header[6] !== 0 || flags > 15) throw unsafe('xz', 'reserved flags are set');
  if (crc32(header.subarray(6, 8)) !== header.readUInt32LE(8)) throw unsafe('xz', 'a stream header with a wrong sum');
  const check = checks[flags];
  if (check === undefined)
    throw new SamesourceError('unsupported', `xz: checks of type ${flags} cannot be checked yet`);
  layout.fields(0, [
    ['magic', 6, 'structure'],
    ['stream flags', 2, 'structure', () => `check: ${check[0]}`],
    ['stream header crc', 4, 'derived'],
  ]);
  return check[1];
}

/** 4. Gives its size. */
function readIndex(view: View, layout: Layout, at: number, blocks: readonly XzBlock[]): number {
  const limit = Math.min(view.size - at, 10 + blocks.length * 18 + 8);
  const bytes = view.read(at, limit);
  const wrong = unsafe('xz', 'an index that differs from the blocks');
  const count = readVli(bytes, 1);
  if (count?.value !== blocks.length) throw wrong;
  let end = count.end;
  for (const block of blocks) {
    const size = readVli(bytes, end);
    const unpacked = size === undefined ? undefined : readVli(bytes, size.end);
    if (size?.value !== block.unpadded || unpacked?.value !== block.unpacked) throw wrong;
    end = unpacked.end;
  }
  const padding = (4 - (end % 4)) % 4;
  const sumAt = end + padding;
  if (sumAt + 4 > bytes.length || bytes.subarray(end, sumAt).some((byte) => byte !== 0)) throw wrong;
  if (crc32(bytes.subarray(0, sumAt)) !== bytes.readUInt32LE(sumAt)) throw unsafe('xz', 'an index with a wrong sum');
  layout.fields(at, [
    ['index indicator', 1, 'structure'],
    ['index count', count.end - 1, 'derived', () => String(blocks.length)],
    ['index records', end - count.end, 'derived'],
    ['index padding', padding, 'derived'],
    ['index crc', 4, 'derived'],
  ]);
  return sumAt + 4;
}

/** 2.1.2. Gives its end. */
function readFooter(view: View, layout: Layout, indexAt: number, indexSize: number): number {
  const at = indexAt + indexSize;
  if (at + headerSize > view.size) throw unsafe('xz', 'the stream footer breaks off');
  const footer = view.read(at, headerSize);
  if (footer.toString('latin1', 10) !== 'YZ') throw unsafe('xz', `no stream footer at ${at}`);
  if (crc32(footer.subarray(4, 10)) !== footer.readUInt32LE(0)) throw unsafe('xz', 'a stream footer with a wrong sum');
  if ((footer.readUInt32LE(4) + 1) * 4 !== indexSize || !footer.subarray(8, 10).equals(view.read(6, 2))) {
    throw unsafe('xz', 'a stream footer that differs from the stream');
  }
  return layout.fields(at, [
    ['footer crc', 4, 'derived'],
    ['backward size', 4, 'derived', () => String(indexSize)],
    ['footer stream flags', 2, 'derived'],
    ['footer magic', 2, 'structure'],
  ]);
}

/** 2.2: readers differ in whether they go on with padding and more streams. */
function requireEnd(view: View, end: number): void {
  const rest = view.size - end;
  if (rest === 0) return;
  const another = rest >= 6 && view.read(end, 6).toString('hex') === magic ? ': another stream' : '';
  throw unsafe('xz', `${rest} bytes after the end, at ${end}${another}`);
}

function byteAt(view: View, at: number): number {
  if (at >= view.size) throw unsafe('xz', 'the stream breaks off');
  return view.read(at, 1).readUInt8();
}
