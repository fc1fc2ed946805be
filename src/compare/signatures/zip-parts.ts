/**
 * The parts of a zip file that signing moves: records of entries, the central directory and its end, and
 * what stands before it. Strict: entries follow each other from the first byte, and each is said once.
 * Sections named are those of PKWARE's APPNOTE 6.3.10.
 */
import { inflateRawSync, type InflateRaw } from 'node:zlib';
import { isZip, readZipEnd } from '../../format/zip-end.ts';
import { unsafe } from '../../ledger/cover.ts';
import {
  centralHeaders,
  descriptorSize,
  hasDescriptor,
  readLocal,
  type CentralHeader,
  type LocalHeader,
} from '../../ledger/zip-entry.ts';
import { SamesourceError } from '../../model/error.ts';
import { startOf, type View } from '../../platform/view.ts';

export interface ZipPart {
  /** Untrusted. */
  readonly name: string;
  /** The record: local header, data and data descriptor; offset and size in the file. */
  readonly at: number;
  readonly size: number;
  readonly data: { readonly at: number; readonly size: number };
  readonly method: number;
  /** Unpacked, bytes. */
  readonly contentSize: number;
  readonly localExtra: Buffer;
  readonly centralExtra: Buffer;
  readonly commentSize: number;
  /** 4.4.15; the mode is in the upper half. */
  readonly attributes: number;
  /** The header in the central directory. */
  readonly central: { readonly at: number; readonly size: number };
}

export interface ZipParts {
  /** In order of their records. */
  readonly entries: readonly ZipPart[];
  /** In order of the central directory. */
  readonly listed: readonly ZipPart[];
  /** Where the last record ends. */
  readonly entriesEnd: number;
  readonly directoryAt: number;
  readonly endAt: number;
}

const most = { directory: 64 * 1024 * 1024, content: 64 * 1024 * 1024 };

/** `undefined`: not a zip file. @throws SamesourceError `archive-unsafe`, `unsupported` */
export function readZipParts(view: View): ZipParts | undefined {
  if (view.size < 22 || !isZip(startOf(view, 4))) return undefined;
  const end = readZipEnd(view);
  const { directoryAt, directorySize } = end;
  if (end.wideAt !== undefined) throw unsupported('an archive with zip64 records');
  if (directorySize > most.directory) throw unsupported(`a central directory of ${directorySize} bytes`);
  const headers = [...centralHeaders(view, end)];
  const inOrder = headers.toSorted((a, b) => a.localAt - b.localAt);
  const parts = new Map(
    inOrder.map((header, index) => [header, readPart(view, header, directoryAt, inOrder[index + 1]?.localAt)]),
  );
  const entries = [...parts.values()];
  requireOnce(entries);
  const entriesEnd = requireRow(entries);
  return {
    entries,
    listed: headers.flatMap((header) => parts.get(header) ?? []),
    entriesEnd,
    directoryAt,
    endAt: end.at,
  };
}

/** @param next where the next entry begins */
function readPart(view: View, header: CentralHeader, directoryAt: number, next: number | undefined): ZipPart {
  if (header.extras.some(({ id }) => id === 1)) throw unsupported(`${header.shown}: zip64 sizes`);
  const local = readLocal(view, header, directoryAt);
  const data = { at: local.at + local.size, size: header.packedSize };
  const dataEnd = data.at + data.size;
  const limit = next ?? directoryAt;
  if (dataEnd > limit) throw unsafe('zip', `${header.shown} lies over what follows it`);
  const behind = hasDescriptor(header) ? descriptorSize(view, header, dataEnd, limit, next === undefined) : 0;
  const extraOf = (from: number, { name, extraLength }: CentralHeader | LocalHeader): Buffer =>
    Buffer.from(view.read(from + name.length, extraLength));
  return {
    name: header.name.toString('latin1'),
    at: local.at,
    size: dataEnd + behind - local.at,
    data,
    method: header.method,
    contentSize: header.unpackedSize,
    localExtra: extraOf(local.at + 30, local),
    centralExtra: extraOf(header.at + 46, header),
    commentSize: header.comment.length,
    attributes: header.external,
    central: { at: header.at, size: header.size },
  };
}

function requireOnce(entries: readonly ZipPart[]): void {
  const names = new Set<string>();
  for (const { name } of entries) {
    if (names.has(name)) throw unsafe('zip', `two entries named ${name}`);
    names.add(name);
  }
}

function requireRow(entries: readonly ZipPart[]): number {
  let end = 0;
  for (const { name, at, size } of entries) {
    if (at !== end) throw unsafe('zip', `${name} begins at ${at} instead of ${end}`);
    end = at + size;
  }
  return end;
}

/** The content of an entry; `undefined` if it is too large to be looked at at once. @throws SamesourceError `archive-unsafe` */
export function contentOf(view: View, entry: ZipPart, limit = most.content): Buffer | undefined {
  const { data, method, contentSize } = entry;
  if (contentSize > limit || data.size > limit) return undefined;
  const packed = view.read(data.at, data.size);
  if (method === 0 && data.size === contentSize) return packed;
  if (method !== 8) throw unsafe('zip', `${entry.name}: packed in an unknown way`);
  const { buffer, engine } = inflated(packed, Math.max(1, contentSize));
  if (engine.bytesWritten !== packed.length || buffer.length !== contentSize) {
    throw unsafe('zip', `${entry.name}: bytes after its packed data`);
  }
  return buffer;
}

function inflated(packed: Buffer, maxOutputLength: number): { buffer: Buffer; engine: InflateRaw } {
  try {
    // With `info` it gives the engine too, which the types do not know.
    const result: unknown = inflateRawSync(packed, { maxOutputLength, info: true });
    return result as { buffer: Buffer; engine: InflateRaw };
  } catch (error) {
    throw unsafe('zip', 'packed data that does not unpack', error);
  }
}

function unsupported(what: string): SamesourceError {
  return new SamesourceError('unsupported', `zip: ${what}`);
}
