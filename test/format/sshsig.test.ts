import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { expect, test } from 'vitest';
import { mayHaveSigned, parseAllowedSigners } from '../../src/format/allowed-signers.ts';
import { checkSshSignature, parseSshSignature, sshFingerprint } from '../../src/format/sshsig.ts';
import { SamesourceError } from '../../src/model/error.ts';

function wire(...parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part as string);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

function rawPublic(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
}

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const plainKey = wire('ssh-ed25519', rawPublic(publicKey));

interface Made {
  readonly key?: Buffer;
  readonly namespace?: string;
  readonly hash?: string;
  readonly version?: number;
  readonly algorithm?: string;
  readonly trailer?: Buffer;
  readonly sign?: (signed: Buffer) => Buffer;
}

function armored(message: string, made: Made = {}): string {
  const { key = plainKey, namespace = 'git', hash = 'sha512', algorithm = 'ssh-ed25519' } = made;
  const digest = createHash(hash === 'sha256' ? 'sha256' : 'sha512')
    .update(message)
    .digest();
  const signed = Buffer.concat([Buffer.from('SSHSIG'), wire(namespace, '', hash, digest)]);
  const signature = (made.sign ?? ((bytes) => sign(null, bytes, privateKey)))(signed);
  const version = Buffer.from([0, 0, 0, made.version ?? 1]);
  const inner = Buffer.concat([wire(algorithm, signature), made.trailer ?? Buffer.alloc(0)]);
  const blob = Buffer.concat([Buffer.from('SSHSIG'), version, wire(key, namespace, '', hash, inner)]);
  return arm(blob);
}

function arm(blob: Buffer): string {
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join('\n')}\n-----END SSH SIGNATURE-----\n`;
}

function check(text: string, message = 'quince', namespace = 'git'): boolean | string {
  try {
    return checkSshSignature(parseSshSignature(text), Buffer.from(message), namespace);
  } catch (error) {
    return error instanceof SamesourceError ? error.code : String(error);
  }
}

test('a signature over these bytes, in this namespace', () => {
  expect(check(armored('quince'))).toBe(true);
  expect(check(armored('quince', { hash: 'sha256' }))).toBe(true);
  expect(check(armored('quince'), 'medlar')).toBe(false);
  expect(check(armored('quince', { namespace: 'file' }))).toBe(false);
  expect(sshFingerprint(plainKey)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
});

test('a security key signs its application, flags and counter as well', () => {
  const key = wire('sk-ssh-ed25519@openssh.com', rawPublic(publicKey), 'ssh:');
  const withFlags = (flags: number, application = 'ssh:'): string => {
    const trailer = Buffer.from([flags, 0, 0, 0, 9]);
    const digest = (bytes: string | Buffer): Buffer => createHash('sha256').update(bytes).digest();
    return armored('quince', {
      key,
      trailer,
      algorithm: 'sk-ssh-ed25519@openssh.com',
      sign: (bytes) => sign(null, Buffer.concat([digest(application), trailer, digest(bytes)]), privateKey),
    });
  };
  expect(check(withFlags(1))).toBe(true);
  expect(check(withFlags(5))).toBe(true);
  // Nobody touched it.
  expect(check(withFlags(0))).toBe(false);
  expect(check(withFlags(1, 'ssh:other'))).toBe(false);
});

test('what is no signature that we know', () => {
  expect(check(armored('quince', { version: 2 }))).toBe('signature-invalid');
  expect(check(armored('quince', { namespace: '' }))).toBe('signature-invalid');
  expect(check(armored('quince', { hash: 'sha1' }))).toBe('signature-invalid');
  expect(check(armored('quince', { key: wire('ssh-dss', 'x') }))).toBe('signature-invalid');
  expect(check(armored('quince', { key: wire('ssh-ed25519-cert-v01@openssh.com', 'x') }))).toBe('signature-invalid');
  expect(check(armored('quince', { algorithm: 'rsa-sha2-512' }))).toBe(false);
  expect(check(armored('quince', { trailer: Buffer.from('more') }))).toBe(false);
  const blob = Buffer.from(armored('quince').split('\n').slice(1, -2).join(''), 'base64');
  expect(check(arm(blob.subarray(0, -1)))).toBe('signature-invalid');
  expect(check(arm(Buffer.concat([blob, Buffer.from('x')])))).toBe('signature-invalid');
  expect(check('-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n')).toBe('signature-invalid');
  expect(check(`${armored('quince')}and more\n`)).toBe('signature-invalid');
});

test.each(['ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512'])('RSA with %s', (algorithm) => {
  const digest = { 'ssh-rsa': 'sha1', 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }[algorithm];
  const codes = [1024, 2048].map((modulusLength) => {
    const pair = generateKeyPairSync('rsa', { modulusLength });
    const { n = '', e = '' } = pair.publicKey.export({ format: 'jwk' });
    const modulus = Buffer.concat([Buffer.from([0]), Buffer.from(n, 'base64url')]);
    const key = wire('ssh-rsa', Buffer.from(e, 'base64url'), modulus);
    return check(armored('quince', { key, algorithm, sign: (bytes) => sign(digest, bytes, pair.privateKey) }));
  });
  expect(codes).toEqual(
    algorithm === 'ssh-rsa' ? ['signature-invalid', 'signature-invalid'] : ['signature-invalid', true],
  );
});

test('no flipped byte leaves a signature good', () => {
  const blob = Buffer.from(armored('quince').split('\n').slice(1, -2).join(''), 'base64');
  for (let at = 0; at < blob.length; at++) {
    const flipped = Buffer.from(blob);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    const signer = parseAllowedSigners(`ada ssh-ed25519 ${plainKey.toString('base64')}`);
    let good = check(arm(flipped)) === true;
    if (good) good = signer.some((line) => mayHaveSigned(line, parseSshSignature(arm(flipped)).key, 'git', 0));
    expect([at, good]).toEqual([at, false]);
  }
});
