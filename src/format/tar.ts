/**
 * Tar, read strictly and written deterministically.
 *
 * The reader is our own because it decides what an archive says: it takes POSIX ustar and pax
 * (IEEE Std 1003.1-2017, pax, "ustar Interchange Format") and GNU long names, checks every header
 * sum, and throws on anything that two readers could take two ways. Nothing is ever skipped in silence.
 */
import { Header } from 'tar';
import { tarEntries } from './tar-entries.ts';
import { isZeroed, parseTarHeader, strictly, tarBlock as block, unsafe, type TarType } from './tar-header.ts';
import { paxRecord } from './tar-pax.ts';

export interface TarEntry {
  /** As written in the archive, attacker-controlled. */
  readonly path: string;
  readonly type: TarType;
  /** Permission bits with set-uid, set-gid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly uname: string;
  readonly gname: string;
  /** Bytes of content. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Target of a hard or symbolic link. */
  readonly link: string;
}

/** Takes an entry's content piece by piece, in order, then `end`. */
export interface TarSink {
  write(bytes: Uint8Array): void;
  end(): void;
}

/**
 * Reads a whole archive.
 * @throws SamesourceError `archive-unsafe` for a malformed, truncated or ambiguous archive
 */
export async function readTar(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onEntry: (entry: TarEntry) => TarSink | undefined,
): Promise<void> {
  const reader = tarReader(onEntry);
  for await (const chunk of chunks) reader.write(chunk);
  reader.end();
}

/** The same, pushed to. */
export function tarReader(onEntry: (entry: TarEntry) => TarSink | undefined): TarSink {
  const pending = Buffer.alloc(block);
  let held = 0;
  let zeroBlocks = 0;
  const entries = tarEntries(strictly);
  let body: { left: number; padding: number; sink: TarSink | undefined } | undefined;

  const beginHeader = (header: Buffer): void => {
    if (isZeroed(header)) {
      zeroBlocks += 1;
      return;
    }
    if (zeroBlocks > 0) throw unsafe('an entry after the end of the archive');
    const fields = parseTarHeader(header, strictly);
    if (entries.isMeta(fields)) return open(fields.size, metaSink(fields.flag));
    const { pax: _, ...entry } = entries.entry(fields);
    open(entry.size, onEntry(entry));
  };

  const metaSink = (flag: string): TarSink => {
    const pieces: Uint8Array[] = [];
    return {
      write: (bytes) => void pieces.push(Buffer.from(bytes)),
      end: () => void entries.meta(flag, Buffer.concat(pieces)),
    };
  };

  const open = (size: number, sink: TarSink | undefined): void => {
    body = { left: size, padding: (block - (size % block)) % block, sink };
    if (size === 0) finishBody();
  };

  const finishBody = (): void => {
    body?.sink?.end();
    if (body?.padding === 0) body = undefined;
  };

  const takeBody = (chunk: Uint8Array, at: number): number => {
    if (body === undefined) return at;
    if (body.left > 0) {
      const piece = chunk.subarray(at, at + body.left);
      body.left -= piece.length;
      body.sink?.write(piece);
      if (body.left === 0) finishBody();
      return at + piece.length;
    }
    const piece = chunk.subarray(at, at + body.padding);
    if (!isZeroed(piece)) throw unsafe('bytes in the padding of an entry');
    body.padding -= piece.length;
    if (body.padding === 0) body = undefined;
    return at + piece.length;
  };

  return {
    write(chunk) {
      for (let at = 0; at < chunk.length;) {
        if (body !== undefined) {
          at = takeBody(chunk, at);
          continue;
        }
        const piece = chunk.subarray(at, at + block - held);
        pending.set(piece, held);
        held += piece.length;
        at += piece.length;
        if (held < block) continue;
        held = 0;
        beginHeader(pending);
      }
    },
    end() {
      if (body !== undefined || held !== 0 || entries.waiting) throw unsafe('the archive breaks off');
      if (zeroBlocks === 0) throw unsafe('the archive has no end mark');
    },
  };
}

/** Header block or blocks of an entry: fixed field widths, pax only where ustar cannot hold a value. */
export function tarHeader(entry: TarEntry): Buffer {
  const flags: Record<
    TarType,
    'File' | 'Link' | 'SymbolicLink' | 'CharacterDevice' | 'BlockDevice' | 'Directory' | 'FIFO'
  > = {
    file: 'File',
    hardlink: 'Link',
    symlink: 'SymbolicLink',
    character: 'CharacterDevice',
    block: 'BlockDevice',
    directory: 'Directory',
    fifo: 'FIFO',
  };
  const buffer = Buffer.alloc(block);
  const needsPax = new Header({
    path: entry.path,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    size: entry.type === 'file' ? entry.size : 0,
    mtime: new Date(entry.mtime * 1000),
    type: flags[entry.type],
    linkpath: entry.link,
    uname: entry.uname,
    gname: entry.gname,
  }).encode(buffer);
  if (!needsPax) return buffer;
  const records = Buffer.concat([
    paxRecord('path', entry.path),
    entry.link === '' ? Buffer.alloc(0) : paxRecord('linkpath', entry.link),
    entry.size >= 8 ** 11 ? paxRecord('size', String(entry.size)) : Buffer.alloc(0),
  ]);
  const meta = Buffer.alloc(block);
  new Header({
    path: 'pax',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: records.length,
    mtime: new Date(0),
    type: 'ExtendedHeader',
  }).encode(meta);
  return Buffer.concat([meta, records, tarPadding(records.length), buffer]);
}

/** Zero bytes that fill the last block of `size` bytes of content. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((block - (size % block)) % block);
}

/** The end mark of an archive. */
export const tarEnd: Uint8Array = new Uint8Array(2 * block);
