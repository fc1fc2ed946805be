import { describe, expect, test } from 'vitest';
import { compareSigned, type SignedResult } from '../../../src/compare/signed.ts';
import { bufferView } from '../../../src/platform/view.ts';
import { hashedParts, readPeFields } from '../../../src/format/authenticode.ts';
import { peChecksum } from '../../../src/format/pe.ts';
import {
  attribute,
  certificate,
  der,
  integer,
  octets,
  oid,
  sequence,
  sha256,
  sha256Algorithm,
  signedData,
} from './cms-fixture.ts';

/** A PE image of headers, one section and an overlay of `overlay` bytes. */
function pe(overlay = 5): Buffer {
  const image = Buffer.alloc(0x400 + overlay, 0xcc);
  image.fill(0, 0, 0x200);
  image.write('MZ', 0, 'latin1');
  image.writeUInt32LE(0x80, 0x3c);
  image.write('PE\0\0', 0x80, 'latin1');
  image.writeUInt16LE(0x8664, 0x84);
  image.writeUInt16LE(1, 0x86);
  image.writeUInt16LE(240, 0x94);
  image.writeUInt16LE(0x20b, 0x98);
  image.writeUInt32LE(16, 0x98 + 108);
  image.write('.text', 0x98 + 240, 'latin1');
  image.write('quince', 0x210, 'latin1');
  return image;
}

const checksumAt = 0x98 + 64;
const directoryAt = 0x98 + 112 + 32;

function imageDigest(image: Buffer): Buffer {
  const fields = readPeFields(bufferView(image));
  if (fields === undefined) throw new Error('not a PE image');
  return sha256(Buffer.concat(hashedParts(bufferView(image), fields).map((part) => part.read(0, part.size))));
}

function indirect(digest: Buffer): Buffer {
  const link = der(0xa0, der(0xa2, der(0x80, Buffer.from('<<<Obsolete>>>', 'utf16le').swap16())));
  const described = sequence(oid('1.3.6.1.4.1.311.2.1.15'), sequence(der(0x03, Buffer.from([0])), link));
  return sequence(described, sequence(sha256Algorithm, octets(digest)));
}

type More = Partial<Parameters<typeof signedData>[0]> & {
  /** After the signature, in the entry. */
  readonly slack?: Buffer;
  /** After the entry. */
  readonly entries?: readonly Buffer[];
  /** Of another file. */
  readonly digest?: Buffer;
};

function entry(bytes: Buffer): Buffer {
  const header = Buffer.alloc(8);
  const padded = Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
  header.writeUInt32LE(padded.length + 8, 0);
  header.writeUInt16LE(0x0200, 4);
  header.writeUInt16LE(2, 6);
  return Buffer.concat([header, padded]);
}

function sign(image: Buffer, more: More = {}): Buffer {
  const padded = Buffer.concat([image, Buffer.alloc((8 - (image.length % 8)) % 8)]);
  const content = indirect(more.digest ?? imageDigest(padded));
  const data = signedData({ type: '1.3.6.1.4.1.311.2.1.4', content, ...more });
  const table = Buffer.concat([entry(Buffer.concat([data, more.slack ?? Buffer.alloc(0)])), ...(more.entries ?? [])]);
  const signed = Buffer.concat([padded, table]);
  signed.writeUInt32LE(padded.length, directoryAt);
  signed.writeUInt32LE(table.length, directoryAt + 4);
  signed.writeUInt32LE(peChecksum(bufferView(signed), checksumAt), checksumAt);
  return signed;
}

function compare(released: Buffer, rebuilt: Buffer): SignedResult {
  return compareSigned(bufferView(released), bufferView(rebuilt));
}

const isMatch = (result: SignedResult): boolean => result !== undefined && 'match' in result;

describe('authenticode', () => {
  test.each([0, 5, 8])(
    'a signature moved onto the unsigned file gives the signed one, %i bytes behind its sections',
    (overlay) => {
      const released = sign(pe(overlay));
      expect(compare(released, pe(overlay))).toMatchObject({
        match: { kind: 'authenticode', content: 'fits', signer: 'Quince Ltd', remarks: [] },
      });
    },
  );

  test('a signature of another key is taken off first', () => {
    const other = sign(pe(), { unsigned: [attribute('1.2.3', integer(1))] });
    expect(isMatch(compare(sign(pe()), other))).toBe(true);
  });

  test('an unsigned release has nothing to move', () => {
    expect(compare(pe(), sign(pe()))).toBeUndefined();
  });

  test('each flipped byte outside of the table is no match, and each inside is told by the digest', () => {
    const released = sign(pe());
    const clean = compare(released, pe());
    const digestOf = (result: SignedResult): string | undefined =>
      result !== undefined && 'match' in result ? result.match.regions[0]?.sha256 : undefined;
    const start = Math.ceil(pe().length / 8) * 8;
    for (let at = 0; at < released.length; at++) {
      const mutant = Buffer.from(released);
      mutant.writeUInt8((mutant[at] ?? 0) ^ 0x10, at);
      // Whoever changes the table sets the check sum right.
      if (at >= start) mutant.writeUInt32LE(peChecksum(bufferView(mutant), checksumAt), checksumAt);
      const result = compare(mutant, pe());
      if (at < start) expect(result, `byte ${at}`).toBeUndefined();
      else expect(digestOf(result), `byte ${at}`).not.toBe(digestOf(clean));
    }
  });

  test('CVE-2013-3900: bytes after the signature are not taken for a part of it', () => {
    const result = compare(sign(pe(), { slack: Buffer.from('payload here') }), pe());
    expect(result).toMatchObject({ payload: [{ name: 'after the signature' }] });
    const zeros = compare(sign(pe(), { slack: Buffer.alloc(64) }), pe());
    expect(zeros).toMatchObject({ near: { kind: 'authenticode' }, payload: [{ name: 'after the signature' }] });
  });

  test.each<[string, More, string]>([
    ['another entry', { entries: [entry(Buffer.from('payload'))] }, 'another certificate entry'],
    [
      'an unknown unsigned attribute',
      { unsigned: [attribute('1.2.3.4', octets(Buffer.alloc(99)))] },
      'unsigned attribute 1.2.3.4',
    ],
    [
      'an unknown signed attribute',
      { signed: [attribute('1.2.3.5', octets(Buffer.alloc(99)))] },
      'signed attribute 1.2.3.5',
    ],
    [
      'a huge known attribute',
      { signed: [attribute('1.3.6.1.4.1.311.2.1.12', octets(Buffer.alloc(9999)))] },
      'signed attribute 1.3.6.1.4.1.311.2.1.12',
    ],
    ['a certificate of no one', { certificates: [certificate('Plover', 9)] }, 'a certificate of no signer'],
  ])('%s is payload', (_, more, name) => {
    const result = compare(sign(pe(), more), pe());
    expect(result).toMatchObject({ near: { content: 'fits' }, payload: [{ name }] });
  });

  test('a certificate that leads on from the signer’s is a part of it', () => {
    const chain = [certificate('Plover Root', 9)];
    expect(isMatch(compare(sign(pe(), { certificates: chain }), pe()))).toBe(false);
    const own = certificate('Quince Ltd', 8, 'Plover Root');
    // By name, as chains are built: the signer's own name leads there.
    expect(isMatch(compare(sign(pe(), { certificates: [own, ...chain] }), pe()))).toBe(true);
  });

  test('a signature of another file is no match', () => {
    const result = compare(sign(pe(), { digest: Buffer.alloc(32, 1) }), pe());
    expect(result).toMatchObject({ near: { content: 'not-checked' }, payload: [] });
    const unattested = compare(sign(pe(), { signedBytes: Buffer.from('other') }), pe());
    expect(isMatch(unattested)).toBe(false);
  });

  test('a signature inside the signature is checked like it', () => {
    const image = Buffer.concat([pe(), Buffer.alloc(3)]);
    const type = '1.3.6.1.4.1.311.2.1.4';
    const nest = (digest: Buffer): More => {
      const inner = signedData({ type, content: indirect(digest) });
      return { unsigned: [attribute('1.3.6.1.4.1.311.2.4.1', inner)] };
    };
    expect(isMatch(compare(sign(pe(), nest(imageDigest(image))), pe()))).toBe(true);
    expect(isMatch(compare(sign(pe(), nest(Buffer.alloc(32))), pe()))).toBe(false);
  });

  test('a table that is not the end of the file, or is cut, is no signature', () => {
    const released = sign(pe());
    expect(compare(Buffer.concat([released, Buffer.from('x')]), pe())).toBeUndefined();
    for (let size = 0; size < released.length; size += 7) {
      expect(compare(released.subarray(0, size), pe())).toBeUndefined();
    }
  });
});

describe('page hashes', () => {
  function hashes(image: Buffer): Buffer {
    const page = (offset: number, bytes: Buffer): Buffer => {
      const filled = Buffer.concat([bytes, Buffer.alloc(4096 - bytes.length)]);
      return Buffer.concat([offsetOf(offset), sha256(filled.subarray(0, offset === 0 ? 4096 - 12 : 4096))]);
    };
    const offsetOf = (offset: number): Buffer => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(offset);
      return bytes;
    };
    const headers = Buffer.concat([
      image.subarray(0, checksumAt),
      image.subarray(checksumAt + 4, directoryAt),
      image.subarray(directoryAt + 8, 0x200),
    ]);
    const end = Buffer.concat([offsetOf(0x400), Buffer.alloc(32)]);
    return Buffer.concat([page(0, headers), page(0x200, image.subarray(0x200, 0x400)), end]);
  }

  function paged(): Buffer {
    const image = pe();
    image.writeUInt32LE(4096, 0x98 + 32);
    image.writeUInt32LE(0x200, 0x98 + 60);
    image.writeUInt32LE(0x200, 0x98 + 240 + 16);
    image.writeUInt32LE(0x200, 0x98 + 240 + 20);
    return image;
  }

  function described(image: Buffer, pages: Buffer, more: readonly Buffer[] = []): Buffer {
    const list = sequence(oid('1.3.6.1.4.1.311.2.3.2'), der(0x31, octets(pages)));
    const object = [octets(Buffer.from('a6b586d5b4a12466ae05a217da8e60d6', 'hex')), octets(der(0x31, list, ...more))];
    const link = der(0xa0, der(0xa1, ...object));
    const about = sequence(oid('1.3.6.1.4.1.311.2.1.15'), sequence(der(0x03, Buffer.from([0])), link));
    const digest = imageDigest(Buffer.concat([image, Buffer.alloc(3)]));
    return sequence(about, sequence(sha256Algorithm, octets(digest)));
  }

  test('they are checked, and nothing else may stand there', () => {
    const image = paged();
    const pages = hashes(image);
    expect(isMatch(compare(sign(image, { content: described(image, pages) }), image))).toBe(true);
    const wrong = Buffer.from(pages);
    wrong.writeUInt8((wrong[10] ?? 0) ^ 1, 10);
    for (const bytes of [wrong, Buffer.concat([pages, Buffer.from('payload')]), pages.subarray(0, 36)]) {
      expect(compare(sign(image, { content: described(image, bytes) }), image)).toMatchObject({ near: {} });
    }
    const more = [sequence(oid('1.2.3'), der(0x31, octets(Buffer.from('payload'))))];
    expect(compare(sign(image, { content: described(image, pages, more) }), image)).toMatchObject({
      payload: [{ name: 'in the description of the image' }],
    });
  });
});
