import { crc32 } from 'node:zlib';
import { fieldsOf } from '../format/fields.ts';
import { pieces, type View } from '../platform/view.ts';
import type { RegionClass } from '../model/region.ts';
import { type Layout, layoutOf } from './layout.ts';
import type { Format } from './types.ts';

const signature = Buffer.from('89504e470d0a1a0a', 'hex');
const mostChunks = 200_000;

/** Images (PNG specification, third edition). */
export const png: Format = {
  recognises: (view) => view.size >= 8 && view.read(0, 8).equals(signature),
  read(view) {
    const file = fieldsOf('png', view, 'big');
    const layout = layoutOf('png', view);
    layout.add(0, 8, 'structure', 'signature');
    let at = 8;
    for (let count = 0, type = ''; type !== 'IEND'; count++) {
      if (count > mostChunks) throw file.unsafe(`more than ${mostChunks} chunks`);
      const length = file.u32(at);
      type = file.bytes(at + 4, 4).toString('latin1');
      if (at + 12 + length > view.size) throw file.unsafe(`the chunk at ${at} breaks off`);
      if (!/^[A-Za-z]{4}$/.test(type) || (count === 0) !== (type === 'IHDR')) throw file.unsafe(`no chunk at ${at}`);
      if (checksum(view.slice(at + 4, length + 4)) !== file.u32(at + 8 + length)) {
        throw file.unsafe(`the checksum of the chunk ${type} at ${at} does not fit`);
      }
      addChunk(layout, view, { at, length, type });
      at += 12 + length;
    }
    if (at < view.size) throw file.unsafe(`${view.size - at} bytes after the end, at ${at}`);
    return { format: 'png', regions: layout.finish(), members: [], facts: {} };
  },
};

function checksum(view: View): number {
  let sum = 0;
  for (const piece of pieces(view)) sum = crc32(piece, sum);
  return sum;
}

interface Chunk {
  readonly at: number;
  readonly length: number;
  readonly type: string;
}

function addChunk(layout: Layout, view: View, { at, length, type }: Chunk): void {
  layout.add(at, 4, 'structure', 'chunk length', { of: type, value: String(length) });
  layout.add(at + 4, 4, 'structure', 'chunk type', { of: type });
  const kind = kinds[type] ?? 'content';
  const field = kind === 'metadata' ? (type === 'tIME' ? 'image time' : 'image text') : 'content';
  const value = kind === 'metadata' ? valueOf(view, { at, length, type }) : undefined;
  layout.add(at + 8, length, kind, field, { of: type, value });
  layout.add(at + 8 + length, 4, 'derived', 'chunk checksum', { of: type });
}

const kinds: Readonly<Record<string, RegionClass>> = {
  tEXt: 'metadata',
  zTXt: 'metadata',
  iTXt: 'metadata',
  tIME: 'metadata',
  eXIf: 'metadata',
};

function valueOf(view: View, { at, length, type }: Chunk): string {
  if (type === 'tIME' && length === 7) {
    const time = view.read(at + 8, 7);
    const two = (index: number): string => String(time[index] ?? 0).padStart(2, '0');
    return `${time.readUInt16BE()}-${two(2)}-${two(3)}T${two(4)}:${two(5)}:${two(6)}Z`;
  }
  return view
    .read(at + 8, Math.min(length, 200))
    .toString('latin1')
    .replace('\0', ': ');
}
