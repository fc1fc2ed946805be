/**
 * Tar, read strictly and written deterministically.
 *
 * The reader is our own because it decides what an archive says: it takes POSIX ustar and pax
 * (IEEE Std 1003.1-2017, pax, "ustar Interchange Format") and GNU long names, checks every header
 * sum, and throws on anything that two readers could take two ways. Nothing is ever skipped in silence.
 */
import { isUtf8 } from 'node:buffer';
import { Header } from 'tar';
import { SamesourceError } from '../model/error.ts';

export type TarType = 'file' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo';

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

const block = 512;
const metaLimit = 1024 * 1024;
const types: Readonly<Record<string, TarType>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
};

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
  let pax: ReadonlyMap<string, string> = new Map();
  let global: ReadonlyMap<string, string> = new Map();
  let longName: string | undefined;
  let longLink: string | undefined;
  let body: { left: number; padding: number; sink: TarSink | undefined } | undefined;

  const beginHeader = (header: Buffer): void => {
    if (isZero(header)) {
      zeroBlocks += 1;
      return;
    }
    if (zeroBlocks > 0) throw unsafe('an entry after the end of the archive');
    const fields = parseHeader(header);
    if ('xgLK'.includes(fields.flag)) return beginMeta(fields);
    const entry = complete(fields, new Map([...global, ...pax]), longName, longLink);
    pax = new Map();
    longName = undefined;
    longLink = undefined;
    const content = entry.type === 'file' ? entry.size : 0;
    // Some readers take a hard link's size as the length of content that follows, others do not.
    if (entry.type !== 'file' && entry.size !== 0) throw unsafe(`${entry.path}: a ${entry.type} with content`);
    if (entry.path === '') throw unsafe('an entry without a name');
    open(content, onEntry(entry));
  };

  const beginMeta = (fields: RawHeader): void => {
    if (fields.size > metaLimit) throw unsafe(`a header of ${fields.size} bytes`);
    const pieces: Uint8Array[] = [];
    open(fields.size, {
      write: (bytes) => void pieces.push(Buffer.from(bytes)),
      end: () => keepMeta(fields.flag, Buffer.concat(pieces)),
    });
  };

  const keepMeta = (flag: string, bytes: Buffer): void => {
    if (flag === 'g') {
      global = new Map([...global, ...parsePax(bytes)]);
      return;
    }
    const second = { x: pax.size > 0, L: longName !== undefined, K: longLink !== undefined }[flag];
    if (second === true || (flag === 'x' ? (longName ?? longLink) !== undefined : pax.size > 0)) {
      throw unsafe('two extended headers for one entry');
    }
    if (flag === 'x') pax = parsePax(bytes);
    else if (flag === 'L') longName = longString(bytes);
    else longLink = longString(bytes);
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
    if (!isZero(piece)) throw unsafe('bytes in the padding of an entry');
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
      if (body !== undefined || held !== 0 || longName !== undefined || longLink !== undefined || pax.size > 0) {
        throw unsafe('the archive breaks off');
      }
      if (zeroBlocks === 0) throw unsafe('the archive has no end mark');
    },
  };
}

interface RawHeader extends Omit<TarEntry, 'type'> {
  readonly flag: string;
}

function parseHeader(header: Buffer): RawHeader {
  let sum = 8 * 32;
  for (let index = 0; index < block; index++) {
    if (index < 148 || index >= 156) sum += header[index] ?? 0;
  }
  if (number(header, 148, 8) !== sum) throw unsafe('a header with a wrong check sum');
  const posix = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = posix ? text(header, 345, 155) : '';
  const name = text(header, 0, 100);
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    mode: number(header, 100, 8) & 0o7777,
    uid: number(header, 108, 8),
    gid: number(header, 116, 8),
    size: number(header, 124, 12),
    mtime: number(header, 136, 12),
    flag: String.fromCharCode(header[156] ?? 0),
    link: text(header, 157, 100),
    uname: text(header, 265, 32),
    gname: text(header, 297, 32),
  };
}

function complete(
  raw: RawHeader,
  pax: ReadonlyMap<string, string>,
  longName: string | undefined,
  longLink: string | undefined,
): TarEntry {
  const { flag, ...fields } = raw;
  const type = types[flag];
  if (type === undefined) throw unsafe(`${raw.path}: entry type "${flag}"`);
  if ([...pax.keys()].some((key) => key.startsWith('GNU.sparse.'))) {
    throw new SamesourceError('unsupported', `tar: ${raw.path}: sparse files cannot be read yet`);
  }
  const size = pax.get('size');
  if (size !== undefined && integer(size, 0) !== raw.size) {
    // TARmageddon (RUSTSEC-2025-0111): readers that take the other size read other entries. The
    // ustar field may only differ where it cannot hold the value.
    if (raw.size !== 0 || Number(size) < 8 ** 11) throw unsafe(`${raw.path}: two sizes, ${raw.size} and ${size}`);
  }
  const entry: TarEntry = {
    ...fields,
    type,
    path: pax.get('path') ?? longName ?? raw.path,
    link: pax.get('linkpath') ?? longLink ?? raw.link,
    size: integer(size, raw.size),
    mtime: Math.floor(decimal(pax.get('mtime'), raw.mtime)),
    uid: integer(pax.get('uid'), raw.uid),
    gid: integer(pax.get('gid'), raw.gid),
    uname: pax.get('uname') ?? raw.uname,
    gname: pax.get('gname') ?? raw.gname,
  };
  // Before POSIX a trailing slash was the only mark of a directory.
  return entry.type === 'file' && entry.path.endsWith('/') ? { ...entry, type: 'directory' } : entry;
}

/** `LENGTH KEY=VALUE\n`, the length in decimal and over the whole record. */
function parsePax(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('latin1', at, space));
    const record = bytes.subarray(space + 1, at + length);
    const equals = record.indexOf(0x3d);
    if (
      space < at ||
      !Number.isInteger(length) ||
      length <= 0 ||
      at + length > bytes.length ||
      equals < 1 ||
      record.at(-1) !== 0x0a
    ) {
      throw unsafe('a malformed pax header');
    }
    const key = utf8(record.subarray(0, equals));
    const value = utf8(record.subarray(equals + 1, -1));
    if (records.has(key)) throw unsafe(`pax key ${key} given twice`);
    // Extended attributes, e.g. security.capability, are binary; nothing here reads them.
    if (value.includes('\0') && !key.startsWith('SCHILY.xattr.')) throw unsafe(`a zero byte in pax ${key}`);
    records.set(key, value);
    at += length;
  }
  return records;
}

function longString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  if (end !== -1 && !isZero(bytes.subarray(end))) throw unsafe('a zero byte in a long name');
  return utf8(bytes.subarray(0, end === -1 ? bytes.length : end));
}

function decimal(value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (!/^-?\d+(?:\.\d+)?$/.test(value)) throw unsafe(`"${value}" where pax needs a number`);
  return Number(value);
}

function integer(value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number)) throw unsafe(`"${value}" where pax needs an integer`);
  return number;
}

function text(header: Buffer, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return utf8(field.subarray(0, end === -1 ? length : end));
}

/** A lossy reading would give two names one spelling. */
function utf8(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return Buffer.from(bytes).toString('utf8');
  throw new SamesourceError('unsupported', `tar: "${Buffer.from(bytes).toString()}" is not UTF-8`);
}

/** Octal digits, or GNU's base-256 where the first bit is set. */
function number(header: Buffer, at: number, length: number): number {
  const first = header[at] ?? 0;
  if (first === 0x80 || first === 0xff) {
    const rest = header.subarray(at + 1, at + length).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const wide = first === 0x80 ? rest : rest - (1n << BigInt(8 * (length - 1)));
    if (wide > BigInt(Number.MAX_SAFE_INTEGER) || wide < (at === 136 ? BigInt(Number.MIN_SAFE_INTEGER) : 0n)) {
      throw unsafe('a number out of range in a header');
    }
    return Number(wide);
  }
  const digits = header.toString('latin1', at, at + length).replaceAll(/^[ \0]+|[ \0]+$/g, '');
  if (!/^[0-7]*$/.test(digits)) throw unsafe(`"${digits}" where a header needs octal digits`);
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `tar: ${what}`);
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

function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
