/**
 * Zip, read so that there is one reading only. yauzl decodes the central directory and inflates; what
 * it lets pass is refused here: local headers that say something else than the central directory, two
 * entries of one name, and bytes before, between or after the entries. The owner of the `yauzl` package.
 *
 * Sections named are those of PKWARE's APPNOTE 6.3.10.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import * as yauzl from 'yauzl';
import { messageOf, SamesourceError } from '../model/error.ts';
import { isErrno } from '../platform/files.ts';
import type { TarEntry, TarSink } from './tar.ts';

export type ZipEntry = Pick<TarEntry, 'path' | 'type' | 'mode' | 'mtime' | 'size' | 'link'>;

export interface ZipBounds {
  /** Most bytes of content over all entries. */
  readonly bytes: number;
  readonly entries: number;
}

/**
 * Reads a whole archive; entries come in the order of the file, links with their target.
 * @throws SamesourceError `archive-unsafe` for a malformed or ambiguous archive or one beyond `bounds`,
 * `unsupported` for encryption, zip64 and methods other than stored and deflated
 */
export async function readZip(
  path: string,
  onEntry: (entry: ZipEntry) => TarSink | undefined,
  bounds: ZipBounds,
): Promise<void> {
  const file = await open(path, 'r');
  try {
    await readOpenZip(file, onEntry, bounds);
  } catch (error) {
    if (error instanceof SamesourceError) throw error;
    if (error instanceof TypeError || isErrno(error, 'ENOSPC', 'EDQUOT', 'EACCES', 'EIO')) throw error;
    throw unsafe(messageOf(error), error);
  } finally {
    await file.close();
  }
}

async function readOpenZip(
  file: FileHandle,
  onEntry: (entry: ZipEntry) => TarSink | undefined,
  bounds: ZipBounds,
): Promise<void> {
  const { size } = await file.stat();
  const options = { autoClose: false, lazyEntries: true, strictFileNames: true, validateEntrySizes: true };
  const zip = await yauzl.fromFdPromise(file.fd, { ...options, decodeStrings: true });
  const end = await readEndRecord(file, size, Buffer.byteLength(zip.comment, 'latin1'));
  const entries = await listEntries(zip, bounds);
  const cover = await coverOf(zip, file, entries);
  requireCover(cover, end, entries);
  for (const { entry, dataStart } of cover) await extract(file, entry, dataStart, onEntry);
}

interface EndRecord {
  readonly at: number;
  readonly directoryAt: number;
  readonly entries: number;
}

/** 4.3.16. Where yauzl found it, and nowhere else: a second one in the comment would be a second reading. */
async function readEndRecord(file: FileHandle, size: number, commentLength: number): Promise<EndRecord> {
  const at = size - 22 - commentLength;
  const record = await readAt(file, at, 22 + commentLength);
  if (record.readUInt32LE(0) !== 0x06054b50) throw unsafe('no end record at the end');
  if (record.includes('PK', 22)) throw unsafe('a record in the comment');
  const [disk, directoryDisk, here, entries] = [4, 6, 8, 10].map((offset) => record.readUInt16LE(offset));
  const directoryAt = record.readUInt32LE(16);
  if (disk !== 0 || directoryDisk !== 0 || here !== entries) throw unsafe('an archive in several parts');
  if (entries === 0xffff || directoryAt === 0xffffffff) throw unsupported('zip64 archives cannot be read yet');
  if (directoryAt + record.readUInt32LE(12) !== at)
    throw unsafe('bytes between the central directory and its end record');
  return { at, directoryAt, entries: entries ?? 0 };
}

async function listEntries(zip: yauzl.ZipFile, bounds: ZipBounds): Promise<yauzl.Entry[]> {
  const entries: yauzl.Entry[] = [];
  const names = new Set<string>();
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    bytes += entry.uncompressedSize;
    if (entries.push(entry) > bounds.entries) throw unsafe(`more than ${bounds.entries} entries`);
    if (bytes > bounds.bytes) throw unsafe(`more than ${bounds.bytes} bytes come out`);
    const name = nameOf(entry).replace(/\/$/, '');
    if (names.has(name)) throw unsafe(`two entries named ${name}`);
    names.add(name);
  }
  return entries;
}

/** Of the raw bytes: another name in an extra field (4.6.9) would be a second reading. */
function nameOf(entry: yauzl.Entry): string {
  if (entry.extraFields.some((field) => field.id === 0x7075)) throw unsafe(`${entry.fileName}: a second name`);
  const name = entry.fileNameRaw.toString('utf8');
  const ascii = entry.fileNameRaw.every((byte) => byte < 0x80);
  const utf8 = (entry.generalPurposeBitFlag & 0x800) !== 0 && Buffer.from(name).equals(entry.fileNameRaw);
  // Without the flag the name is in code page 437 by the letter, and in anything by custom.
  if (!ascii && !utf8) throw unsafe(`${name}: a name of unknown encoding`);
  if (name === '' || name.includes('\0') || name.includes('\\')) throw unsafe(`"${name}": no plain name`);
  return name;
}

interface Covered {
  readonly entry: yauzl.Entry;
  readonly dataStart: number;
  /** Offset of the first byte after the entry, its data descriptor included. */
  readonly end: number;
}

async function coverOf(zip: yauzl.ZipFile, file: FileHandle, entries: readonly yauzl.Entry[]): Promise<Covered[]> {
  const inOrder = entries.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  const covered: Covered[] = [];
  for (const entry of inOrder) {
    requireReadable(entry);
    const local = await zip.readLocalFileHeaderPromise(entry);
    requireSameHeader(entry, local);
    const dataEnd = local.fileDataStart + entry.compressedSize;
    const end = hasDescriptor(entry) ? await descriptorEnd(file, entry, dataEnd) : dataEnd;
    covered.push({ entry, dataStart: local.fileDataStart, end });
  }
  return covered;
}

function requireReadable(entry: yauzl.Entry): void {
  const flags = entry.generalPurposeBitFlag;
  if (entry.isEncrypted() || (flags & 0x2041) !== 0) throw unsupported(`${entry.fileName}: encrypted`);
  if (![0, 8].includes(entry.compressionMethod)) {
    throw unsupported(`${entry.fileName}: compression method ${entry.compressionMethod}`);
  }
  if (entry.extraFields.some((field) => field.id === 1)) throw unsupported(`${entry.fileName}: zip64 sizes`);
}

function hasDescriptor(entry: yauzl.Entry): boolean {
  return (entry.generalPurposeBitFlag & 8) !== 0;
}

/** 4.4.4, bit 3: sizes may stand behind the data; then they are zero in the local header. */
function requireSameHeader(entry: yauzl.Entry, local: yauzl.LocalFileHeader): void {
  const differs = (what: string): SamesourceError => unsafe(`${entry.fileName}: its two headers differ in ${what}`);
  if (!local.fileName.equals(entry.fileNameRaw)) throw differs('the name');
  if (local.generalPurposeBitFlag !== entry.generalPurposeBitFlag) throw differs('the flags');
  if (local.compressionMethod !== entry.compressionMethod) throw differs('the method');
  if (local.lastModFileDate !== entry.lastModFileDate || local.lastModFileTime !== entry.lastModFileTime) {
    throw differs('the time');
  }
  const sizes = [local.crc32, local.compressedSize, local.uncompressedSize];
  const unset = hasDescriptor(entry) && sizes.every((value) => value === 0);
  const same = sizes.join() === [entry.crc32, entry.compressedSize, entry.uncompressedSize].join();
  if (!unset && !same) throw differs('sizes or check sum');
  if (local.extraField.includes(Buffer.from([0x75, 0x70]))) requireNoSecondName(entry, local.extraField);
}

function requireNoSecondName(entry: yauzl.Entry, extra: Buffer): void {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === 0x7075) throw unsafe(`${entry.fileName}: a second name`);
  }
}

/** 4.3.9: check sum and sizes, after a signature that may be left out. */
async function descriptorEnd(file: FileHandle, entry: yauzl.Entry, at: number): Promise<number> {
  const bytes = await readAt(file, at, 16);
  const expected = [entry.crc32, entry.compressedSize, entry.uncompressedSize].join();
  const fieldsAt = (offset: number): string => [0, 4, 8].map((n) => bytes.readUInt32LE(offset + n)).join();
  if (bytes.readUInt32LE(0) === 0x08074b50 && fieldsAt(4) === expected) return at + 16;
  if (fieldsAt(0) === expected) return at + 12;
  throw unsafe(`${entry.fileName}: its data descriptor differs from its header`);
}

/** Entries, central directory and end record must follow each other from the first byte to the last. */
function requireCover(covered: readonly Covered[], end: EndRecord, entries: readonly yauzl.Entry[]): void {
  let at = 0;
  for (const { entry, end: next } of covered) {
    if (entry.relativeOffsetOfLocalHeader !== at) {
      throw unsafe(`${entry.fileName}: begins at ${entry.relativeOffsetOfLocalHeader}, where ${at} is expected`);
    }
    at = next;
  }
  if (at !== end.directoryAt)
    throw unsafe(`${end.directoryAt - at} bytes between the entries and the central directory`);
  const length = entries.reduce(
    (sum, entry) => sum + 46 + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength,
    0,
  );
  if (end.directoryAt + length !== end.at || entries.length !== end.entries) {
    throw unsafe('bytes in the central directory that no entry covers');
  }
}

async function extract(
  file: FileHandle,
  entry: yauzl.Entry,
  dataStart: number,
  onEntry: (entry: ZipEntry) => TarSink | undefined,
): Promise<void> {
  const described = describe(entry);
  if (described.type === 'directory' && entry.uncompressedSize !== 0)
    throw unsafe(`${described.path}: a directory with content`);
  const link: Uint8Array[] = [];
  const sink =
    described.type === 'file'
      ? onEntry(described)
      : { write: (bytes: Uint8Array) => void link.push(bytes), end: () => {} };
  const checked = checkedSink(entry, sink);
  const size = entry.uncompressedSize;
  if (described.type === 'symlink' && size > 4095) throw unsafe(`${described.path}: a link target of ${size} bytes`);
  const raw = contentOf(file, dataStart, entry.compressedSize);
  for await (const chunk of inflate(entry, raw)) checked.write(chunk);
  checked.end();
  if (described.type === 'symlink') onEntry({ ...described, link: Buffer.concat(link).toString() });
  if (described.type === 'directory') onEntry(described);
}

function contentOf(file: FileHandle, start: number, length: number): Readable {
  if (length === 0) return Readable.from([]);
  return file.createReadStream({ start, end: start + length - 1, autoClose: false });
}

/** Ours, and not yauzl's, to see that the compressed data has no bytes after its end. */
async function* inflate(entry: yauzl.Entry, raw: Readable): AsyncGenerator<Uint8Array> {
  if (entry.compressionMethod === 0) {
    yield* raw;
    return;
  }
  const inflater = createInflateRaw();
  raw.on('error', (error) => inflater.destroy(error));
  yield* raw.pipe(inflater);
  if (inflater.bytesWritten !== entry.compressedSize)
    throw unsafe(`${entry.fileName}: bytes after its compressed data`);
}

/** yauzl does not look at the check sum. */
function checkedSink(entry: yauzl.Entry, sink: TarSink | undefined): TarSink {
  let sum = 0;
  let size = 0;
  return {
    write: (bytes) => {
      sum = crc32(bytes, sum);
      size += bytes.length;
      if (size > entry.uncompressedSize)
        throw unsafe(`${entry.fileName}: more than ${entry.uncompressedSize} bytes come out`);
      sink?.write(bytes);
    },
    end: () => {
      if (sum !== entry.crc32 || size !== entry.uncompressedSize)
        throw unsafe(`${entry.fileName}: wrong check sum or size`);
      sink?.end();
    },
  };
}

/** 4.4.2 and 4.4.15: the mode is in the upper half of the external attributes if a Unix system made it. */
function describe(entry: yauzl.Entry): ZipEntry {
  const path = nameOf(entry);
  const unix = entry.versionMadeBy >> 8 === 3 ? entry.externalFileAttributes >>> 16 : 0;
  const format = unix & 0o170000;
  const directory = path.endsWith('/');
  if (![0, 0o100000, 0o040000, 0o120000].includes(format))
    throw unsafe(`${path}: neither a file, a link nor a directory`);
  if ((format === 0o040000) !== directory && format !== 0)
    throw unsafe(`${path}: a directory by its name or by its mode`);
  const type = directory ? 'directory' : format === 0o120000 ? 'symlink' : 'file';
  const mode = unix === 0 ? (directory ? 0o755 : 0o644) : unix & 0o7777;
  const mtime = Math.floor(entry.getLastModDate({ timezone: 'UTC' }).getTime() / 1000);
  return { path, type, mode, mtime, size: type === 'file' ? entry.uncompressedSize : 0, link: '' };
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = at < 0 ? { bytesRead: -1 } : await file.read(buffer, 0, length, at);
  if (bytesRead !== length) throw unsafe('the archive breaks off');
  return buffer;
}

function unsafe(what: string, cause?: unknown): SamesourceError {
  return new SamesourceError('archive-unsafe', `zip: ${what}`, cause === undefined ? {} : { cause });
}

function unsupported(what: string): SamesourceError {
  return new SamesourceError('unsupported', `zip: ${what}`, { hint: 'name the source in tar form' });
}
