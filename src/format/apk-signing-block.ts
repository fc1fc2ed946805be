/**
 * The APK signing block, with signature schemes v2, v3 and v3.1: pairs of id and value between the entries
 * and the central directory. After https://source.android.com/docs/security/features/apksigning.
 */
import { SamesourceError } from '../model/error.ts';
import type { View } from '../platform/view.ts';
import { readCertificate } from './cms.ts';
import { readDer } from './der.ts';

export interface BlockPair {
  readonly id: number;
  /** Offset of the value in the block, bytes. */
  readonly at: number;
  readonly value: Buffer;
}

const magic = 'APK Sig Block 42';
const largest = 8 * 1024 * 1024;

/** The block that ends where the central directory begins. @throws SamesourceError `archive-unsafe` */
export function findSigningBlock(view: View, directoryAt: number): { at: number; size: number } | undefined {
  if (directoryAt < 32 || view.read(directoryAt - 16, 16).toString('latin1') !== magic) return undefined;
  const size = sizeOf(view.read(directoryAt - 24, 8)) + 8;
  const at = directoryAt - size;
  if (size < 32 || size > largest || at < 0) throw unsafe(`a block of ${size} bytes`);
  if (sizeOf(view.read(at, 8)) + 8 !== size) throw unsafe('a block of two sizes');
  return { at, size };
}

/** @throws SamesourceError `archive-unsafe` */
export function readPairs(block: Buffer): BlockPair[] {
  const pairs: BlockPair[] = [];
  const end = block.length - 24;
  for (let at = 8; at < end;) {
    if (at + 12 > end || pairs.length === 1000) throw unsafe(`no pair at ${at}`);
    const length = sizeOf(block.subarray(at, at + 8));
    if (length < 4 || at + 8 + length > end) throw unsafe(`a pair of ${length} bytes at ${at}`);
    const value = block.subarray(at + 12, at + 8 + length);
    pairs.push({ id: block.readUInt32LE(at + 8), at: at + 12, value });
    at += 8 + length;
  }
  return pairs;
}

function sizeOf(bytes: Buffer): number {
  const size = bytes.readBigUInt64LE();
  if (size > largest) throw unsafe(`a size of ${size} bytes`);
  return Number(size);
}

export interface SchemeDigest {
  readonly algorithm: number;
  readonly digest: Buffer;
}

export interface SchemeFindings {
  readonly digests: readonly SchemeDigest[];
  /** As the first certificate says. Untrusted. */
  readonly signer: string | undefined;
  /** What is no part of the signature; offsets in the value. */
  readonly beside: readonly { readonly name: string; readonly at: number; readonly size: number }[];
}

export const schemes: Readonly<Record<number, string>> = { 0x7109871a: 'v2', 0xf05368c0: 'v3', 0x1b93ad61: 'v3.1' };

/** Stripping protection; proof of rotation; the two that say where rotation holds. */
const attributes = new Set([0xbeeff00d, 0x3ba06f8c, 0x559f8b02, 0xc2a6b3ba]);
const most = { signers: 10, items: 32, signature: 2048, attribute: 64 * 1024, certificate: 16 * 1024 };

/** The value of a scheme's pair. @throws SamesourceError `archive-unsafe` */
export function readScheme(value: Buffer, scheme: string): SchemeFindings {
  const beside: { name: string; at: number; size: number }[] = [];
  const digests: SchemeDigest[] = [];
  const names: (string | undefined)[] = [];
  const reader = prefixed(value, 0, value.length);
  const signers = reader.part().parts(most.signers);
  const note = (name: string, part: Prefixed): void => {
    if (part.left > 0) beside.push({ name, at: part.at, size: part.left });
  };
  note('after the signers', reader);
  for (const signer of signers) {
    const signed = signer.part();
    const range = scheme === 'v2' ? undefined : signer.take(8);
    const found = readSignedPart(signed, range, note);
    digests.push(...found.digests);
    names.push(found.signer);
    readSignatures(signer.part(), found.digests, note);
    const key = signer.part();
    if (!found.leaf.includes(key.rest())) note('a key that is not the certificate’s', key);
    note('after a signer', signer);
  }
  return { digests, signer: names[0], beside };
}

type Note = (name: string, part: Prefixed) => void;

interface SignedPart {
  readonly digests: readonly SchemeDigest[];
  readonly leaf: Buffer;
  readonly signer: string | undefined;
}

function readSignedPart(signed: Prefixed, range: Buffer | undefined, note: Note): SignedPart {
  const digests = signed
    .part()
    .parts(most.items)
    .map((part) => {
      const algorithm = part.take(4).readUInt32LE();
      const digest = part.part().rest();
      note('after a digest', part);
      return { algorithm, digest };
    });
  const chain = signed.part().parts(most.items);
  // A chain leads upwards; another certificate is only carried along.
  const certificates = chain.map((part) => ({ part, certificate: readCertificate(readDer(part.rest())) }));
  certificates.forEach(({ part, certificate }, index) => {
    const below = certificates[index - 1]?.certificate;
    if (below !== undefined && !below.issuer.equals(certificate.subject)) note('a certificate of no signer', part);
    else if (part.left > most.certificate) note('a huge certificate', part);
  });
  const [first] = certificates;
  if (first === undefined) throw unsafe('a signer without certificate');
  if (range !== undefined && !signed.take(8).equals(range)) throw unsafe('two ranges of versions');
  for (const part of signed.part().parts(most.items)) {
    const id = part.take(4).readUInt32LE();
    if (!attributes.has(id) || part.left > most.attribute) note(`attribute 0x${id.toString(16)}`, part);
  }
  // Android's own signer ends a v2 part with an empty one.
  if (signed.left === 4 && signed.rest().readUInt32LE() === 0) signed.take(4);
  note('after the signed part', signed);
  return { digests, leaf: first.part.rest(), signer: first.certificate.name };
}

/** One for each digest, and of no more bytes than a signature has. */
function readSignatures(signatures: Prefixed, digests: readonly SchemeDigest[], note: Note): void {
  signatures.parts(most.items).forEach((part, index) => {
    const algorithm = part.take(4).readUInt32LE();
    const signature = part.part();
    if (algorithm !== digests[index]?.algorithm || signature.left > most.signature)
      note('a signature of nothing', signature);
    note('after a signature', part);
  });
}

/** Reads values that stand behind their lengths. */
interface Prefixed {
  /** Offset in the whole value, of what comes next. */
  readonly at: number;
  readonly left: number;
  take(length: number): Buffer;
  part(): Prefixed;
  parts(limit: number): Prefixed[];
  /** What is left; it stays so. */
  rest(): Buffer;
}

function prefixed(bytes: Buffer, start: number, end: number): Prefixed {
  let at = start;
  const reader: Prefixed = {
    get at() {
      return at;
    },
    get left() {
      return end - at;
    },
    take(length) {
      if (length > end - at) throw unsafe(`a value of ${length} bytes breaks off`);
      at += length;
      return bytes.subarray(at - length, at);
    },
    part() {
      const length = reader.take(4).readUInt32LE();
      reader.take(length);
      return prefixed(bytes, at - length, at);
    },
    parts(limit) {
      const found: Prefixed[] = [];
      while (reader.left > 0) {
        if (found.length === limit) throw unsafe(`more than ${limit} values`);
        found.push(reader.part());
      }
      return found;
    },
    rest: () => bytes.subarray(at, end),
  };
  return reader;
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `apk signing block: ${what}`);
}
