/** The digests of an APK's content that signature schemes v2 and v3 hold. */
import { digestStream, type SignatureDigest } from '../platform/digest.ts';
import type { View } from '../platform/view.ts';

/** Entries, central directory and end record, in which the directory begins where the signing block does. */
export type ApkSections = readonly [entries: View, directory: View, end: View];

type Kind = 'verity' | SignatureDigest;

/** By the id of the signature algorithm. */
const kinds: Readonly<Record<number, Kind>> = {
  0x0101: 'sha256',
  0x0102: 'sha512',
  0x0103: 'sha256',
  0x0104: 'sha512',
  0x0201: 'sha256',
  0x0202: 'sha512',
  0x0301: 'sha256',
  0x0421: 'verity',
  0x0423: 'verity',
  0x0425: 'verity',
};

/** By the number of a signature algorithm. */
export function digestKind(algorithm: number): Kind | undefined {
  return kinds[algorithm];
}

/** What schemes v2 and v3 sign of the three sections around the block. */
export function apkDigest(kind: Kind, sections: ApkSections): Buffer {
  return kind === 'verity' ? verityDigest(sections) : chunkedDigest(kind, sections);
}

const chunk = 1024 * 1024;

/** Chunks of 1 MiB, none across sections: 0xa5, length, bytes; over them 0x5a, count, digests. */
function chunkedDigest(algorithm: SignatureDigest, sections: ApkSections): Buffer {
  const digests: Buffer[] = [];
  for (const section of sections) {
    for (let at = 0; at < section.size; at += chunk) {
      const bytes = section.read(at, Math.min(chunk, section.size - at));
      digests.push(digest(algorithm, numbered(0xa5, bytes.length), bytes));
    }
  }
  return digest(algorithm, numbered(0x5a, digests.length), ...digests);
}

function numbered(mark: number, count: number): Buffer {
  const bytes = Buffer.alloc(5, mark);
  bytes.writeUInt32LE(count, 1);
  return bytes;
}

const page = 4096;
const salt = Buffer.alloc(8);

/** The root of a tree of pages, as of fs-verity, and the size of what it is of. */
function verityDigest(sections: ApkSections): Buffer {
  let level = leaves(sections);
  while (level.length > page) level = levelAbove(level);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(sections.reduce((sum, section) => sum + section.size, 0)));
  return Buffer.concat([digest('sha256', salt, padded(level)), size]);
}

function leaves(sections: ApkSections): Buffer {
  const digests: Buffer[] = [];
  let rest: Buffer = Buffer.alloc(0);
  for (const section of sections) {
    for (let at = 0; at < section.size; at += chunk) {
      const bytes = Buffer.concat([rest, section.read(at, Math.min(chunk, section.size - at))]);
      const whole = bytes.length - (bytes.length % page);
      for (let from = 0; from < whole; from += page) {
        digests.push(digest('sha256', salt, bytes.subarray(from, from + page)));
      }
      rest = bytes.subarray(whole);
    }
  }
  if (rest.length > 0) digests.push(digest('sha256', salt, padded(rest)));
  return Buffer.concat(digests);
}

function levelAbove(level: Buffer): Buffer {
  const digests: Buffer[] = [];
  for (let at = 0; at < level.length; at += page) {
    digests.push(digest('sha256', salt, padded(level.subarray(at, at + page))));
  }
  return Buffer.concat(digests);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((page - (bytes.length % page)) % page)]);
}

function digest(algorithm: SignatureDigest, ...parts: readonly Buffer[]): Buffer {
  const stream = digestStream(algorithm);
  for (const part of parts) stream.update(part);
  return stream.digest();
}
