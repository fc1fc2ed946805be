/**
 * OpenPGP signature packets (RFC 4880, RFC 9580) as they stand in signed files: read strictly, and looked
 * through for anything that is not part of a signature. No key is known here and nothing is verified.
 */
import { SamesourceError } from '../model/error.ts';
import { digestStream, type SignatureDigest } from '../platform/digest.ts';

export interface PgpSignature {
  readonly type: number;
  readonly digest: SignatureDigest;
  /** What is hashed after the content. */
  readonly trailer: Buffer;
  /** The first two bytes of the digest. */
  readonly start: Buffer;
  /** `key 8F2A…`, and the user id if the signature names it. Untrusted. */
  readonly signer: string;
}

export interface PgpSignatures {
  readonly signatures: readonly PgpSignature[];
  /** What is no part of a signature. */
  readonly beside: readonly string[];
}

const digests: Readonly<Record<number, SignatureDigest>> = {
  1: 'md5',
  2: 'sha1',
  8: 'sha256',
  9: 'sha384',
  10: 'sha512',
  11: 'sha224',
};

/** How many numbers a signature is, by its algorithm: RSA, DSA, ECDSA, EdDSA. */
const numberCounts: Readonly<Record<number, number>> = { 1: 1, 3: 1, 17: 2, 19: 2, 22: 2 };
const ed25519 = 27;

const most = { bytes: 64 * 1024, packets: 8, userId: 200 };

/** @throws SamesourceError `archive-unsafe` for anything but signature packets */
export function readPgpSignatures(bytes: Buffer): PgpSignatures {
  if (bytes.length > most.bytes) throw unsafe(`${bytes.length} bytes`);
  const signatures: PgpSignature[] = [];
  const beside: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const { body, end } = packetAt(bytes, at);
    if (signatures.length === most.packets) throw unsafe('too many packets');
    signatures.push(body[0] === 3 ? readOld(body, beside) : readSignature(body, beside));
    at = end;
  }
  if (signatures.length === 0) throw unsafe('no packet');
  return { signatures, beside };
}

/** RFC 4880 4.2: tag 2, of a definite length. */
function packetAt(bytes: Buffer, at: number): { body: Buffer; end: number } {
  const first = byteAt(bytes, at);
  const { start, length } = first >= 0xc0 ? newLength(bytes, at) : oldLength(bytes, at);
  const tag = first >= 0xc0 ? first & 0x3f : (first >> 2) & 0x0f;
  if (first < 0x80 || tag !== 2 || start + length > bytes.length) throw unsafe(`no signature packet at ${at}`);
  return { body: bytes.subarray(start, start + length), end: start + length };
}

function newLength(bytes: Buffer, at: number): { start: number; length: number } {
  const first = byteAt(bytes, at + 1);
  if (first < 192) return { start: at + 2, length: first };
  if (first < 224) return { start: at + 3, length: ((first - 192) << 8) + byteAt(bytes, at + 2) + 192 };
  if (first !== 255) throw unsafe('a packet of unknown length');
  return { start: at + 6, length: bytes.readUInt32BE(at + 2) };
}

function oldLength(bytes: Buffer, at: number): { start: number; length: number } {
  const size = [1, 2, 4][byteAt(bytes, at) & 3];
  if (size === undefined) throw unsafe('a packet of unknown length');
  return { start: at + 1 + size, length: bytes.readUIntBE(at + 1, size) };
}

/** Version 4, RFC 4880 5.2.3. */
function readSignature(body: Buffer, beside: string[]): PgpSignature {
  if (byteAt(body, 0) !== 4) throw unsafe(`a signature of version ${byteAt(body, 0)}`);
  const hashedEnd = 6 + body.readUInt16BE(4);
  const unhashedEnd = hashedEnd + 2 + body.readUInt16BE(hashedEnd);
  if (unhashedEnd + 2 > body.length) throw unsafe('a signature breaks off');
  const hashed = subpackets(body.subarray(6, hashedEnd));
  const unhashed = subpackets(body.subarray(hashedEnd + 2, unhashedEnd));
  for (const one of hashed) if (!isKnown(one)) beside.push(`signed subpacket ${one.type}`);
  for (const one of unhashed) {
    if (!isKnown(one) || ![16, 33].includes(one.type)) beside.push(`unsigned subpacket ${one.type}`);
  }
  requireNumbers(byteAt(body, 2), body.subarray(unhashedEnd + 2), beside);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(hashedEnd);
  return {
    type: byteAt(body, 1),
    digest: digestNamed(byteAt(body, 3)),
    trailer: Buffer.concat([body.subarray(0, hashedEnd), Buffer.from([4, 0xff]), length]),
    start: body.subarray(unhashedEnd, unhashedEnd + 2),
    signer: signerOf([...hashed, ...unhashed]),
  };
}

/** Version 3, RFC 4880 5.2.2: older tools still write it. */
function readOld(body: Buffer, beside: string[]): PgpSignature {
  if (body.length < 19 || byteAt(body, 1) !== 5) throw unsafe('a signature breaks off');
  requireNumbers(byteAt(body, 15), body.subarray(19), beside);
  return {
    type: byteAt(body, 2),
    digest: digestNamed(byteAt(body, 16)),
    trailer: body.subarray(2, 7),
    start: body.subarray(17, 19),
    signer: `key ${body.toString('hex', 7, 15).toUpperCase()}`,
  };
}

interface Subpacket {
  readonly type: number;
  readonly value: Buffer;
}

function subpackets(bytes: Buffer): Subpacket[] {
  const found: Subpacket[] = [];
  for (let at = 0; at < bytes.length;) {
    const first = byteAt(bytes, at);
    const [start, length] =
      first < 192
        ? [at + 1, first]
        : first < 255
          ? [at + 2, ((first - 192) << 8) + byteAt(bytes, at + 1) + 192]
          : [at + 5, bytes.readUInt32BE(at + 1)];
    if (length === 0 || start + length > bytes.length) throw unsafe('a subpacket breaks off');
    found.push({ type: byteAt(bytes, start) & 0x7f, value: bytes.subarray(start + 1, start + length) });
    at = start + length;
  }
  if (new Set(found.map(({ type }) => type)).size !== found.length) throw unsafe('a subpacket twice');
  return found;
}

/** Times, the issuer and its user id; and the salt that OpenPGP.js notes down (RFC 9580 has one of its own). */
function isKnown({ type, value }: Subpacket): boolean {
  if (type === 2 || type === 3) return value.length === 4;
  if (type === 16) return value.length === 8;
  if (type === 33) return value.length === 21 || value.length === 33;
  if (type === 28) return value.length <= most.userId;
  return type === 20 && value.length <= 72 && value.includes('salt@notations.openpgpjs.org');
}

function requireNumbers(algorithm: number, bytes: Buffer, beside: string[]): void {
  let at = algorithm === ed25519 ? 64 : 0;
  for (let left = numberCounts[algorithm] ?? 0; left > 0; left--) {
    const bits = bytes.readUInt16BE(at);
    if (bits > 16384) throw unsafe(`a number of ${bits} bits`);
    at += 2 + Math.ceil(bits / 8);
  }
  if (at === 0 || at > bytes.length) throw unsafe(`a signature of algorithm ${algorithm} breaks off`);
  if (at < bytes.length) beside.push('bytes after the signature');
}

function signerOf(parts: readonly Subpacket[]): string {
  const find = (wanted: number): Buffer | undefined => parts.find(({ type }) => type === wanted)?.value;
  const id = find(33)?.subarray(1) ?? find(16);
  const userId = find(28)?.toString('utf8').slice(0, most.userId);
  const key = id === undefined ? 'an unnamed key' : `key ${id.toString('hex').toUpperCase()}`;
  return userId === undefined ? key : `${key} (${userId})`;
}

function digestNamed(id: number): SignatureDigest {
  const name = digests[id];
  if (name === undefined) throw unsafe(`an unknown digest ${id}`);
  return name;
}

/** Two bytes of the digest stand in the open: whether they are those of this content. */
export function startFits({ digest, trailer, start }: PgpSignature, content: Iterable<Uint8Array>): boolean {
  const stream = digestStream(digest);
  for (const part of content) stream.update(part);
  stream.update(trailer);
  return stream.digest().subarray(0, 2).equals(start);
}

export interface ArmoredSignature {
  readonly bytes: Buffer;
  /** Header lines other than `Version`. */
  readonly headers: readonly string[];
}

/** RFC 4880 6.2, one block of whole lines. @throws SamesourceError `archive-unsafe` */
export function readArmoredSignature(text: string): ArmoredSignature {
  const frame =
    /^-----BEGIN PGP SIGNATURE-----\n((?:[A-Za-z]+: [^\n]{0,200}\n)*)\n([A-Za-z0-9+/=\n]+)-----END PGP SIGNATURE-----\n?$/;
  const [, headers = '', body = ''] = frame.exec(text) ?? [];
  const [, base64, sum] = /^((?:[A-Za-z0-9+/=]{1,76}\n)+?)(?:=([A-Za-z0-9+/]{4})\n)?$/.exec(body) ?? [];
  if (base64 === undefined) throw unsafe('no armored signature');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64.replaceAll('\n', '')) throw unsafe('base64 that can be read in two ways');
  if (sum !== undefined && crc24(bytes) !== Buffer.from(sum, 'base64').readUIntBE(0, 3))
    throw unsafe('a wrong check sum');
  const lines = headers.split('\n').filter((line) => line !== '');
  return { bytes, headers: lines.filter((line) => !/^Version: [ -~]{1,60}$/.test(line)) };
}

/** RFC 4880 6.1. */
function crc24(bytes: Buffer): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw unsafe(`bytes break off at ${at}`);
  return byte;
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `openpgp: ${what}`);
}
