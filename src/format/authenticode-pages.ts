/** Page hashes of Authenticode: of the headers and of each page of each section, for loaders that check pages as they come. */
import type { SignatureDigest } from '../platform/digest.ts';
import type { View } from '../platform/view.ts';
import type { PeFields } from './authenticode.ts';
import { digestBytes } from './cms.ts';
import { childOf, octetsOf, oidOf, readDer, tags, type DerNode } from './der.ts';

export interface PageHashes {
  readonly algorithm: SignatureDigest;
  /** Offset and hash of each page, and an end. */
  readonly bytes: Buffer;
}

const classId = 'a6b586d5b4a12466ae05a217da8e60d6';
const algorithms: Readonly<Record<string, SignatureDigest>> = {
  '1.3.6.1.4.1.311.2.3.1': 'sha1',
  '1.3.6.1.4.1.311.2.3.2': 'sha256',
};

/**
 * `undefined` unless the description of the image holds them and nothing else.
 * @param image SpcPeImageData
 * @throws SamesourceError `archive-unsafe`
 */
export function readPageHashes(image: DerNode): PageHashes | undefined {
  const [flags, file] = image.children;
  const link = file?.children[0];
  if (image.children.length !== 2 || flags === undefined || flags.bytes.length > 4) return undefined;
  if (file?.tag !== 0xa0 || file.children.length !== 1 || link?.tag !== 0xa1 || link.children.length !== 2)
    return undefined;
  if (octetsOf(childOf(link, 0)).toString('hex') !== classId) return undefined;
  const set = readDer(octetsOf(childOf(link, 1)));
  const one = childOf(set, 0, tags.sequence);
  const values = childOf(one, 1, tags.set);
  const algorithm = algorithms[oidOf(childOf(one, 0))];
  if (algorithm === undefined || [set.children, values.children].some(({ length }) => length !== 1)) return undefined;
  if (one.children.length !== 2) return undefined;
  return { algorithm, bytes: octetsOf(childOf(values, 0)) };
}

/** Whether they are those of the file. @throws RangeError for headers that point outside of the file */
export function pageHashesFit({ algorithm, bytes }: PageHashes, view: View, fields: PeFields): boolean {
  let at = 0;
  for (const { offset, page } of pagesOf(view, fields)) {
    const hash =
      page === undefined
        ? Buffer.alloc(digestBytes(algorithm, bytes.subarray(0, 0)).length)
        : digestBytes(algorithm, page);
    const entry = bytes.subarray(at, at + 4 + hash.length);
    if (entry.length !== 4 + hash.length || entry.readUInt32LE() !== offset || !entry.subarray(4).equals(hash))
      return false;
    at += entry.length;
  }
  return at === bytes.length;
}

interface Page {
  readonly offset: number;
  /** Filled up with zeros; absent at the end, for which a hash of zeros stands. */
  readonly page?: Buffer;
}

function* pagesOf(view: View, { checksumAt, directoryAt }: PeFields): Generator<Page> {
  const optionalAt = checksumAt - 64;
  const pageSize = view.read(optionalAt + 32, 4).readUInt32LE();
  const headersSize = view.read(optionalAt + 60, 4).readUInt32LE();
  if (pageSize < 512 || pageSize > 64 * 1024 || headersSize > pageSize)
    throw new RangeError(`pages of ${pageSize} bytes`);
  const headers = [
    view.read(0, checksumAt),
    view.read(checksumAt + 4, directoryAt - checksumAt - 4),
    view.read(directoryAt + 8, headersSize - directoryAt - 8),
    Buffer.alloc(pageSize - headersSize),
  ];
  yield { offset: 0, page: Buffer.concat(headers) };
  let [end, sum] = [0, 0];
  const sectionsAt = optionalAt + view.read(optionalAt - 4, 2).readUInt16LE();
  const count = view.read(optionalAt - 18, 2).readUInt16LE();
  for (let index = 0; index < count; index++) {
    const header = view.read(sectionsAt + 40 * index, 40);
    const [size, start] = [header.readUInt32LE(16), header.readUInt32LE(20)];
    // Sections that lie over each other would be hashed again and again.
    sum += size;
    if (sum > view.size) throw new RangeError(`sections of ${sum} bytes`);
    for (let done = 0; done < size; done += pageSize) {
      const page = Buffer.alloc(pageSize);
      view.read(start + done, Math.min(pageSize, size - done)).copy(page);
      yield { offset: start + done, page };
    }
    if (size > 0) end = start + size;
  }
  yield { offset: end };
}
