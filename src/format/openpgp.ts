/**
 * OpenPGP signatures (RFC 9580): clear-signed texts and detached signatures, checked against keys
 * that the caller trusts for this purpose. The owner of the `openpgp` package.
 *
 * A signature by one of the given keys is either good or the reason for an error. One by any other
 * key is named and never counted. One that is too weak to mean anything (SHA-1, DSA, short RSA) is
 * named as weak and never counted either.
 */
import * as openpgp from 'openpgp';
import { messageOf, SamesourceError } from '../model/error.ts';

/** Armored blocks (one or more, text around them is ignored) or the bytes of a binary keyring. */
export type PublicKeys = string | Uint8Array;

export interface Signer {
  /** Of the primary key, upper-case hex. */
  readonly fingerprint: string;
  /** Of the key that signed, 16 upper-case hex digits; may be a subkey. */
  readonly keyId: string;
  readonly userId?: string;
}

export interface Signers {
  /** Good signatures by the given keys, in the order of the message. */
  readonly signers: readonly Signer[];
  readonly unknownKeyIds: readonly string[];
  /** Signatures with a digest, algorithm or key size that proves nothing any more. */
  readonly weakKeyIds: readonly string[];
}

export interface ClearSigned extends Signers {
  /** Exactly what was signed: dash escapes undone, line ends as `\n`, no white space at line ends. */
  readonly payload: string;
}

/** Against which a signature's own expiry is checked; keys are judged at the time of signing. */
export interface At {
  readonly now?: Date;
}

/**
 * Checks a clear-signed text such as `InRelease` or a `.dsc`. It must be the only thing in `text`:
 * nothing but white space before, after, or between.
 * @throws SamesourceError `signature-invalid` for a bad signature by a known key, or no well-formed one
 */
export async function verifyClearSigned(text: string, keys: readonly PublicKeys[], at: At = {}): Promise<ClearSigned> {
  requireSingleMessage(text);
  const message = await readOr('a clear-signed text', () => openpgp.readCleartextMessage({ cleartextMessage: text }));
  const known = await readPublicKeys(keys);
  const { data, signatures } = await openpgp.verify({ message, verificationKeys: known, ...dateOf(at) });
  return { payload: data, ...(await judge(signatures, known)) };
}

/** Whether a text calls itself clear-signed, as a `.dsc` may or may not be. */
export function isClearSigned(text: string): boolean {
  return text.trimStart().startsWith('-----BEGIN PGP SIGNED MESSAGE-----');
}

/**
 * Checks a detached signature over these very bytes. A whole signed message, which would bring its
 * own bytes (GHSA-8qff-qr5q-5pr8), is no detached signature and is refused.
 * @throws SamesourceError `signature-invalid` for a bad signature by a known key, or no well-formed one
 */
export async function verifyDetached(
  bytes: Uint8Array,
  signature: string | Uint8Array,
  keys: readonly PublicKeys[],
  at: At = {},
): Promise<Signers> {
  const parsed = await readOr('a detached signature', () =>
    typeof signature === 'string'
      ? openpgp.readSignature({ armoredSignature: signature })
      : openpgp.readSignature({ binarySignature: signature }),
  );
  const binary = openpgp.enums.signature.binary;
  if (parsed.packets.some((packet) => packet.signatureType !== binary)) {
    throw invalid('a detached signature that is not over bytes');
  }
  const known = await readPublicKeys(keys);
  const message = await openpgp.createMessage({ binary: bytes });
  const { signatures } = await openpgp.verify({
    message,
    signature: parsed,
    verificationKeys: known,
    format: 'binary',
    ...dateOf(at),
  });
  return judge(signatures, known);
}

/** Clear-signing is a frame inside a text: whatever stands outside of it is not signed. */
function requireSingleMessage(text: string): void {
  const frame =
    /^\s*-----BEGIN PGP SIGNED MESSAGE-----\r?\n[^]*\n-----BEGIN PGP SIGNATURE-----\r?\n[^]*\n-----END PGP SIGNATURE-----\s*$/;
  const begins = text.match(/^-----BEGIN /gm)?.length;
  if (!frame.test(text) || begins !== 2) throw invalid('not one clear-signed text and nothing else');
}

type Checked = openpgp.VerifyMessageResult['signatures'][number];

async function judge(signatures: readonly Checked[], known: readonly openpgp.PublicKey[]): Promise<Signers> {
  if (signatures.length === 0) throw invalid('no signature');
  const signers: Signer[] = [];
  const unknownKeyIds: string[] = [];
  const weakKeyIds: string[] = [];
  for (const signature of signatures) {
    const keyId = signature.keyID.toHex().toUpperCase();
    const outcome = await judgeOne(signature, known);
    if (outcome === 'unknown') unknownKeyIds.push(keyId);
    else if (outcome === 'weak') weakKeyIds.push(keyId);
    else signers.push(outcome);
  }
  return { signers, unknownKeyIds, weakKeyIds };
}

async function judgeOne(signature: Checked, known: readonly openpgp.PublicKey[]): Promise<Signer | 'unknown' | 'weak'> {
  // Looking at the packets waits for the check; its failure is told by `verified` below.
  const verified = signature.verified.then(() => undefined, messageOf);
  const { packets } = await signature.signature;
  const candidates = known.filter((key) => key.getKeys(signature.keyID).length > 0);
  const [key] = candidates;
  if (key === undefined) {
    await verified;
    return 'unknown';
  }
  const problem = await verified;
  const weak = packets.some(isWeakPacket) || candidates.every((candidate) => hasWeakKey(candidate, signature.keyID));
  if (weak) return 'weak';
  const keyId = signature.keyID.toHex().toUpperCase();
  if (problem !== undefined) throw invalid(`signature by key ${keyId}: ${problem}`);
  const userId = key.getUserIDs()[0];
  return {
    fingerprint: key.getFingerprint().toUpperCase(),
    keyId,
    ...(userId === undefined ? {} : { userId }),
  };
}

const { md5, sha1, ripemd } = openpgp.enums.hash;
const weakHashes: ReadonlySet<number | null> = new Set([md5, sha1, ripemd]);

function isWeakPacket(packet: openpgp.SignaturePacket): boolean {
  return weakHashes.has(packet.hashAlgorithm);
}

function hasWeakKey(key: openpgp.PublicKey, id: openpgp.KeyID): boolean {
  return key.getKeys(id).some((part) => {
    const { algorithm, bits, curve } = part.getAlgorithmInfo();
    return algorithm.startsWith('dsa') || (bits !== undefined && bits < 2048) || curve === 'secp256k1';
  });
}

/** @throws SamesourceError `signature-invalid` for a file that holds no OpenPGP public key */
async function readPublicKeys(keys: readonly PublicKeys[]): Promise<openpgp.PublicKey[]> {
  const read: openpgp.PublicKey[] = [];
  for (const part of keys.flatMap(keyBlocks)) {
    const found = await readOr('an OpenPGP public key', () =>
      typeof part === 'string' ? openpgp.readKeys({ armoredKeys: part }) : openpgp.readKeys({ binaryKeys: part }),
    );
    // The same key may stand in several files; a secret key given by mistake counts by its public part.
    read.push(...found.map((key) => key.toPublic()));
  }
  return read;
}

const block = /-----BEGIN PGP PUBLIC KEY BLOCK-----[^]*?-----END PGP PUBLIC KEY BLOCK-----/g;

function keyBlocks(keys: PublicKeys): PublicKeys[] {
  const text = typeof keys === 'string' ? keys : Buffer.from(keys).toString('latin1');
  const blocks = text.match(block);
  if (blocks !== null) return [...blocks];
  if (typeof keys === 'string') throw invalid('no OpenPGP public key block in the key file');
  return [keys];
}

async function readOr<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const detail = messageOf(error);
    throw invalid(`not ${what}: ${detail}`, error);
  }
}

function dateOf(at: At): { date?: Date } {
  return at.now === undefined ? {} : { date: at.now };
}

function invalid(what: string, cause?: unknown): SamesourceError {
  return new SamesourceError('signature-invalid', `openpgp: ${what}`, cause === undefined ? {} : { cause });
}
