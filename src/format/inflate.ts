/** Raw deflate (RFC 1951), and where it ends. */
import { once } from 'node:events';
import { createInflateRaw } from 'node:zlib';
import { messageOf, SamesourceError } from '../model/error.ts';
import { pieces, type View } from '../platform/view.ts';

/** As large as pays: each piece is one task of another thread. */
const chunkSize = 256 * 1024;

/**
 * @param format for messages
 * @param onEnd told how many bytes the stream took, once all came out
 * @throws SamesourceError `archive-unsafe` if it is damaged or breaks off
 */
export async function* inflateRaw(
  format: string,
  packed: View,
  onEnd: (used: number) => void,
): AsyncGenerator<Uint8Array> {
  const inflater = createInflateRaw({ chunkSize });
  const feeding = feed(packed, inflater);
  try {
    for await (const chunk of inflater) yield chunk as Uint8Array;
  } catch (error) {
    throw new SamesourceError('archive-unsafe', `${format}: ${messageOf(error)}`, { cause: error });
  } finally {
    inflater.destroy();
    await feeding;
  }
  onEnd(inflater.bytesWritten);
}

/** Ends when the stream is destroyed, whatever is left. */
async function feed(packed: View, inflater: ReturnType<typeof createInflateRaw>): Promise<void> {
  const closed = once(inflater, 'close').catch(() => undefined);
  for (const piece of pieces(packed)) {
    if (inflater.destroyed) return;
    if (!inflater.write(piece)) await Promise.race([once(inflater, 'drain').catch(() => undefined), closed]);
  }
  inflater.end();
}
