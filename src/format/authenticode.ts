/**
 * Authenticode in PE files: where it stands, and the digest that it holds. After Microsoft's "Windows
 * Authenticode Portable Executable Signature Format" and "PE Format".
 */
import { SamesourceError } from '../model/error.ts';
import type { SignatureDigest } from '../platform/digest.ts';
import { startOf, type View } from '../platform/view.ts';
import { digestNamed, type SignedData } from './cms.ts';
import { readPageHashes, type PageHashes } from './authenticode-pages.ts';
import { childOf, octetsOf, oidOf, tags } from './der.ts';

export interface PeFields {
  /** Offset of the CheckSum field, 4 bytes. */
  readonly checksumAt: number;
  readonly checksum: number;
  /** Offset of the data directory entry of the certificate table: its file offset and size, 4 bytes each. */
  readonly directoryAt: number;
  /** Absent if the file has none. */
  readonly table?: { readonly at: number; readonly size: number };
}

/** `undefined`: not a PE image with a place for signatures. @throws SamesourceError `archive-unsafe` */
export function readPeFields(view: View): PeFields | undefined {
  if (view.size < 64 || startOf(view, 2).toString('latin1') !== 'MZ') return undefined;
  const headerAt = view.read(0x3c, 4).readUInt32LE();
  if (headerAt + 26 > view.size || view.read(headerAt, 4).readUInt32LE() !== 0x4550) return undefined;
  const optionalAt = headerAt + 24;
  const optionalSize = view.read(headerAt + 20, 2).readUInt16LE();
  const magic = view.read(optionalAt, 2).readUInt16LE();
  const directories = magic === 0x20b ? 112 : magic === 0x10b ? 96 : undefined;
  // The certificate table is the fifth entry.
  if (directories === undefined || optionalSize < directories + 40) return undefined;
  if (optionalAt + directories + 40 > view.size) throw unsafe('its headers break off');
  const optional = view.read(optionalAt, directories + 40);
  if (optional.readUInt32LE(directories - 4) < 5) return undefined;
  const [at, size] = [optional.readUInt32LE(directories + 32), optional.readUInt32LE(directories + 36)];
  const fields = {
    checksumAt: optionalAt + 64,
    checksum: optional.readUInt32LE(64),
    directoryAt: optionalAt + directories + 32,
  };
  if (at === 0 && size === 0) return fields;
  const sectionsEnd = optionalAt + optionalSize + 40 * view.read(headerAt + 6, 2).readUInt16LE();
  if (at % 8 !== 0 || at < sectionsEnd || at + size !== view.size) {
    throw unsafe(`a certificate table of ${size} bytes at ${at} that is not the end of the file`);
  }
  return { ...fields, table: { at, size } };
}

export interface CertificateEntry {
  /** Offset in the file, of the header. */
  readonly at: number;
  /** With its header, without what aligns the next one. */
  readonly size: number;
  readonly revision: number;
  readonly type: number;
}

/** The entries of a certificate table, each padded to 8 bytes. @throws SamesourceError `archive-unsafe` */
export function readCertificateTable(view: View, { at, size }: { at: number; size: number }): CertificateEntry[] {
  const entries: CertificateEntry[] = [];
  for (let next = at; next < at + size;) {
    if (next + 8 > at + size || entries.length === 64) throw unsafe(`no certificate entry at ${next}`);
    const header = view.read(next, 8);
    const length = header.readUInt32LE(0);
    if (length < 8 || next + length > at + size) throw unsafe(`a certificate entry of ${length} bytes at ${next}`);
    entries.push({ at: next, size: length, revision: header.readUInt16LE(4), type: header.readUInt16LE(6) });
    next += Math.ceil(length / 8) * 8;
  }
  return entries;
}

const indirectData = '1.3.6.1.4.1.311.2.1.4';
const peImage = '1.3.6.1.4.1.311.2.1.15';

/** Page hashes stand in there; without them it is a fixed text of 24 bytes. */
const plainImageSize = 64;

export interface SignedImage {
  readonly algorithm: SignatureDigest;
  readonly digest: Buffer;
  readonly pages?: PageHashes;
  /** Bytes in the description of the image beside the fixed ones; offset as in the bytes that were read. */
  readonly more?: { readonly at: number; readonly size: number };
}

/** SpcIndirectDataContent. @throws SamesourceError `archive-unsafe` */
export function readSignedImage({ contentType, content }: SignedData): SignedImage {
  if (contentType !== indirectData || content === undefined) throw unsafe(`signed data of type ${contentType}`);
  const [described, message] = [childOf(content, 0, tags.sequence), childOf(content, 1, tags.sequence)];
  if (content.children.length !== 2 || message.children.length !== 2) throw unsafe('a signed digest with other parts');
  if (oidOf(childOf(described, 0)) !== peImage || described.children.length > 2) throw unsafe('not of a PE image');
  const { at, bytes } = described;
  const image = described.children[1];
  const pages = image === undefined || bytes.length <= plainImageSize ? undefined : readPageHashes(image);
  return {
    algorithm: digestNamed(childOf(message, 0)),
    digest: octetsOf(childOf(message, 1)),
    ...(pages === undefined ? {} : { pages }),
    ...(pages === undefined && bytes.length > plainImageSize ? { more: { at, size: bytes.length } } : {}),
  };
}

/** What the digest is of: all but the check sum, the directory entry and the table. */
export function hashedParts(view: View, { checksumAt, directoryAt, table }: PeFields): View[] {
  const end = table?.at ?? view.size;
  const after = [checksumAt + 4, directoryAt + 8] as const;
  return [
    view.slice(0, checksumAt),
    view.slice(after[0], directoryAt - after[0]),
    view.slice(after[1], end - after[1]),
  ];
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `pe: ${what}`);
}
