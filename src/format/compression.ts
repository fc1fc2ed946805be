/** Decompression as streams of bytes, with a limit on what may come out. */
import { Readable, type Transform } from 'node:stream';
import { ReadableStream, type ReadableStreamDefaultReader, type ReadableStreamReadResult } from 'node:stream/web';
import * as zlib from 'node:zlib';
import { messageOf, SamesourceError } from '../model/error.ts';

export type Compression = 'none' | 'gzip' | 'xz' | 'zstd' | 'bzip2';

/** Told by the first bytes, never by a file's name. */
export function compressionOf(start: Uint8Array): Compression {
  const hex = Buffer.from(start.subarray(0, 6)).toString('hex');
  if (hex.startsWith('1f8b')) return 'gzip';
  if (hex.startsWith('fd377a585a00')) return 'xz';
  if (hex.startsWith('28b52ffd')) return 'zstd';
  if (hex.startsWith('425a68')) return 'bzip2';
  return 'none';
}

export interface Bounds {
  /** Most bytes that may come out. */
  readonly bytes: number;
}

type Chunks = AsyncIterable<Uint8Array>;

/**
 * @throws SamesourceError `archive-unsafe` for damaged input or more output than `bounds` allows,
 * `unsupported` for bzip2
 */
export async function* decompress(kind: Compression, chunks: Chunks, bounds: Bounds): AsyncGenerator<Uint8Array> {
  let total = 0;
  try {
    for await (const chunk of decoders[kind](chunks)) {
      total += chunk.length;
      if (total > bounds.bytes) {
        throw new SamesourceError('archive-unsafe', `${kind}: more than ${bounds.bytes} bytes come out`);
      }
      yield chunk;
    }
  } catch (error) {
    if (error instanceof SamesourceError) throw error;
    const detail = messageOf(error);
    throw new SamesourceError('archive-unsafe', `${kind}: ${detail}`, { cause: error });
  }
}

const decoders: Record<Compression, (chunks: Chunks) => Chunks> = {
  none: (chunks) => chunks,
  gzip: (chunks) => through(chunks, zlib.createGunzip()),
  xz: unxz,
  zstd: unzstd,
  bzip2: () => {
    throw new SamesourceError('unsupported', 'bzip2 archives cannot be read yet', {
      hint: 'name an archive in gzip, xz or zstd form',
    });
  },
};

function through(chunks: Chunks, transform: Transform): Chunks {
  const source = Readable.from(chunks);
  source.on('error', (error) => transform.destroy(error));
  return source.pipe(transform);
}

async function* unxz(chunks: Chunks): AsyncGenerator<Uint8Array> {
  const { reader, first } = await begun(chunks);
  try {
    for (let next = first; !next.done; next = await reader.read()) yield next.value;
  } finally {
    // Frees the decoder's memory.
    await reader.cancel().catch(() => undefined);
  }
}

interface Begun {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly first: ReadableStreamReadResult<Uint8Array>;
}

let lastBegun: Promise<unknown> = Promise.resolve();

/**
 * Begins one stream after the other, each in an instance of its own: the package shares one between
 * all streams, and when one of them makes its memory grow the others lose their place in it.
 */
function begun(chunks: Chunks): Promise<Begun> {
  const next = lastBegun.then(async () => {
    // Most runs need no decoder, and loading this one takes as long as comparing small files.
    const { default: xz } = await import('xz-decompress');
    const stream = xz.XzReadableStream;
    for (const name of ['_moduleInstance', '_moduleInstancePromise']) Reflect.set(stream, name, undefined);
    // It lets one stream run at a time, so two that are read in turns would wait for each other for ever.
    Reflect.set(stream, '_contextMutex', { acquire: async () => {}, release: () => {} });
    const reader = new stream(ReadableStream.from(chunks)).getReader();
    return { reader, first: await reader.read() };
  });
  lastBegun = next.catch(() => undefined);
  return next;
}

/** Node has zstd from 22.15; before that, the same format in JavaScript. */
async function* unzstd(chunks: Chunks): AsyncGenerator<Uint8Array> {
  const native: unknown = Reflect.get(zlib, 'createZstdDecompress');
  if (typeof native === 'function') {
    yield* through(chunks, Reflect.apply(native, zlib, []) as Transform);
    return;
  }
  const { Decompress: Zstd } = await import('fzstd');
  const ready: Uint8Array[] = [];
  let complete = false;
  const decoder = new Zstd((bytes, final) => {
    ready.push(bytes);
    complete ||= final ?? false;
  });
  for await (const chunk of chunks) {
    decoder.push(chunk);
    yield* ready.splice(0);
  }
  decoder.push(new Uint8Array(), true);
  yield* ready.splice(0);
  if (!complete) throw new Error('the stream breaks off');
}
