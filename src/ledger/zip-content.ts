/** What an entry of a zip archive unpacks to. */
import { crc32, inflateRawSync } from 'node:zlib';
import { inflateRaw } from '../format/inflate.ts';
import { messageOf } from '../model/error.ts';
import { pieces, type View } from '../platform/view.ts';
import { unsafe } from './cover.ts';
import type { CentralHeader } from './zip-entry.ts';

/** Up to here all at once: a stream costs more than the work. */
const atOnce = { packed: 256 * 1024, unpacked: 4 * 1024 * 1024 };

/**
 * All that comes out, checked to be as long as the headers say and to have their check sum.
 * @throws SamesourceError `archive-unsafe`
 */
export async function* unpacked(packed: View, header: CentralHeader): AsyncGenerator<Uint8Array> {
  let crc = 0;
  let size = 0;
  for await (const chunk of chunksOf(packed, header)) {
    crc = crc32(chunk, crc);
    size += chunk.length;
    if (size > header.unpackedSize) break;
    yield chunk;
  }
  if (size !== header.unpackedSize) throw unsafe('zip', `${header.shown}: not ${header.unpackedSize} bytes come out`);
  if (crc !== header.crc) throw unsafe('zip', `${header.shown}: a wrong check sum`);
}

function chunksOf(packed: View, header: CentralHeader): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (header.method === 0) return pieces(packed);
  if (packed.size <= atOnce.packed && header.unpackedSize <= atOnce.unpacked) return [inflated(packed, header)];
  return inflateRaw(`zip: ${header.shown}`, packed, (used) => requireAll(used, packed, header));
}

/** With `info` comes the stream too, whose count says how much of the input was used. */
interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

function inflated(packed: View, header: CentralHeader): Buffer {
  const { buffer, engine } = inflateAll(packed, header);
  requireAll(engine.bytesWritten, packed, header);
  return buffer;
}

function inflateAll(packed: View, header: CentralHeader): Inflated {
  // One byte more, so that too much is told from enough; and it may not be 0.
  const options = { info: true, maxOutputLength: header.unpackedSize + 1 };
  try {
    const result: unknown = inflateRawSync(packed.read(0, packed.size), options);
    return result as Inflated;
  } catch (error) {
    throw unsafe('zip', `${header.shown}: ${messageOf(error)}`, error);
  }
}

function requireAll(used: number, packed: View, { shown }: CentralHeader): void {
  if (used !== packed.size) throw unsafe('zip', `${shown}: ${packed.size - used} bytes after its compressed data`);
}
