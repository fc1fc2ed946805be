/**
 * SSH signatures (OpenSSH PROTOCOL.sshsig), as `ssh-keygen -Y sign` and git make them. Checked here,
 * without ssh-keygen: the machine of a reviewer may not have it.
 */
import { createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto';
import { SamesourceError } from '../model/error.ts';
import { hexDigest } from '../platform/digest.ts';

export interface SshSignature {
  /** The public key inside the signature, in the wire form of `authorized_keys`. Trusted by nobody yet. */
  readonly key: Buffer;
  readonly namespace: string;
  readonly hash: 'sha256' | 'sha512';
  readonly algorithm: string;
  /** Algorithm-specific bytes. */
  readonly signature: Buffer;
  /** What a security key signed besides; empty for other keys. */
  readonly trailer: Buffer;
}

/** @throws SamesourceError `signature-invalid` for anything but one well-formed signature */
export function parseSshSignature(armored: string): SshSignature {
  const base64 = /^-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END SSH SIGNATURE-----\s*$/.exec(
    armored,
  )?.[1];
  if (base64 === undefined) throw invalid('not an armored signature');
  const read = reader(Buffer.from(base64, 'base64'));
  if (read.bytes(6).toString('latin1') !== 'SSHSIG') throw invalid('no SSHSIG magic');
  const version = read.uint32();
  if (version !== 1) throw invalid(`version ${version}`);
  const key = read.string();
  const namespace = read.string().toString();
  read.string();
  const hash = read.string().toString();
  const inner = reader(read.string());
  read.end();
  if (hash !== 'sha256' && hash !== 'sha512') throw invalid(`digest algorithm "${hash}"`);
  if (namespace === '') throw invalid('an empty namespace');
  return {
    key,
    namespace,
    hash,
    algorithm: inner.string().toString(),
    signature: inner.string(),
    trailer: inner.rest(),
  };
}

/** Whether a signature is over these bytes, for this namespace, by the key that it carries. */
export function checkSshSignature(signature: SshSignature, bytes: Uint8Array, namespace: string): boolean {
  if (signature.namespace !== namespace) return false;
  const signed = Buffer.concat([
    Buffer.from('SSHSIG'),
    string(Buffer.from(signature.namespace)),
    string(Buffer.alloc(0)),
    string(Buffer.from(signature.hash)),
    string(digest(signature.hash, bytes)),
  ]);
  return checkBytes(signature, signed);
}

/** `SHA256:…` as `ssh-keygen -l` shows it. */
export function sshFingerprint(key: Buffer): string {
  return `SHA256:${digest('sha256', key).toString('base64').replace(/=+$/, '')}`;
}

function checkBytes(signature: SshSignature, signed: Buffer): boolean {
  const key = reader(signature.key);
  const type = key.string().toString();
  const { algorithm } = signature;
  switch (type) {
    case 'ssh-ed25519':
      return algorithm === type && signature.trailer.length === 0 && checkEd25519(key, signed, signature.signature);
    case 'ssh-rsa':
      return signature.trailer.length === 0 && checkRsa(key, algorithm, signed, signature.signature);
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
      return algorithm === type && signature.trailer.length === 0 && checkEcdsa(key, signed, signature.signature);
    case 'sk-ssh-ed25519@openssh.com':
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return algorithm === type && checkSecurityKey(type, key, signed, signature);
    default:
      throw invalid(`keys of type "${type}" are not accepted`);
  }
}

function checkEd25519(key: Reader, signed: Buffer, signature: Buffer): boolean {
  const x = key.string();
  if (x.length !== 32) throw invalid('a malformed Ed25519 key');
  return verify(null, signed, jwk({ kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') }), signature);
}

/** RFC 8332; `ssh-rsa` itself means SHA-1 and is refused. */
function checkRsa(key: Reader, algorithm: string, signed: Buffer, signature: Buffer): boolean {
  const digest = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }[algorithm];
  if (digest === undefined) throw invalid(`an RSA signature with ${algorithm}`);
  const e = positive(key.string());
  const n = positive(key.string());
  if (n.length * 8 < 2048) throw invalid(`an RSA key of ${n.length * 8} bits`);
  return verify(digest, signed, jwk({ kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') }), signature);
}

const curves: Readonly<Record<string, { readonly crv: string; readonly digest: string; readonly width: number }>> = {
  nistp256: { crv: 'P-256', digest: 'sha256', width: 32 },
  nistp384: { crv: 'P-384', digest: 'sha384', width: 48 },
  nistp521: { crv: 'P-521', digest: 'sha512', width: 66 },
};

/** RFC 5656: the signature is two integers, r and s. */
function checkEcdsa(key: Reader, signed: Buffer, signature: Buffer): boolean {
  const curve = curves[key.string().toString()];
  const point = key.string();
  if (curve === undefined || point.length !== 1 + 2 * curve.width || point[0] !== 4)
    throw invalid('a malformed ECDSA key');
  const [x, y] = [point.subarray(1, 1 + curve.width), point.subarray(1 + curve.width)];
  const pair = reader(signature);
  const [r, s] = [positive(pair.string()), positive(pair.string())];
  if (r.length > curve.width || s.length > curve.width) return false;
  const both = Buffer.alloc(2 * curve.width);
  r.copy(both, curve.width - r.length);
  s.copy(both, 2 * curve.width - s.length);
  const publicKey = jwk({ kty: 'EC', crv: curve.crv, x: x.toString('base64url'), y: y.toString('base64url') });
  return verify(curve.digest, signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, both);
}

/** OpenSSH PROTOCOL.u2f: the device signs a digest of its application, flags and counter too. */
function checkSecurityKey(type: string, key: Reader, signed: Buffer, signature: SshSignature): boolean {
  const { trailer } = signature;
  const present = trailer.length === 5 && ((trailer[0] ?? 0) & 1) === 1;
  if (!present) return false;
  const ecdsa = type.startsWith('sk-ecdsa');
  const fields = [key.string(), ...(ecdsa ? [key.string()] : [])];
  const application = key.string();
  const inner = reader(Buffer.concat(fields.map(string)));
  const message = Buffer.concat([digest('sha256', application), trailer, digest('sha256', signed)]);
  return ecdsa ? checkEcdsa(inner, message, signature.signature) : checkEd25519(inner, message, signature.signature);
}

function digest(algorithm: 'sha256' | 'sha512', bytes: Uint8Array): Buffer {
  return Buffer.from(hexDigest(algorithm, bytes), 'hex');
}

function jwk(key: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch (error) {
    throw new SamesourceError('signature-invalid', 'ssh signature: a malformed public key', { cause: error });
  }
}

/** An `mpint` without its leading zero bytes. */
function positive(bytes: Buffer): Buffer {
  let at = 0;
  while (at < bytes.length - 1 && bytes[at] === 0) at += 1;
  return bytes.subarray(at);
}

function string(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

interface Reader {
  bytes(length: number): Buffer;
  uint32(): number;
  /** RFC 4251 `string`. */
  string(): Buffer;
  rest(): Buffer;
  end(): void;
}

function reader(from: Buffer): Reader {
  let at = 0;
  const bytes = (length: number): Buffer => {
    if (at + length > from.length) throw invalid('it breaks off');
    at += length;
    return from.subarray(at - length, at);
  };
  return {
    bytes,
    uint32: () => bytes(4).readUInt32BE(),
    string: () => bytes(bytes(4).readUInt32BE()),
    rest: () => bytes(from.length - at),
    end: () => {
      if (at !== from.length) throw invalid('bytes after its end');
    },
  };
}

function invalid(what: string): SamesourceError {
  return new SamesourceError('signature-invalid', `ssh signature: ${what}`);
}
