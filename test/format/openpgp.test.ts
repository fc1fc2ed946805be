import * as openpgp from 'openpgp';
import { beforeAll, expect, test } from 'vitest';
import { isClearSigned, verifyClearSigned, verifyDetached } from '../../src/format/openpgp.ts';
import { SamesourceError } from '../../src/model/error.ts';
import * as gnupg from './gnupg-fixture.ts';

const made = new Date('2024-01-01T00:00:00Z');
const signedAt = new Date('2024-02-01T00:00:00Z');
const now = new Date('2025-01-01T00:00:00Z');

interface Key {
  readonly secret: openpgp.PrivateKey;
  readonly armored: string;
}

async function key(name: string, options: Partial<Omit<openpgp.KeyOptions, 'format'>> = {}): Promise<Key> {
  const pair = await openpgp.generateKey({ userIDs: [{ name }], date: made, format: 'object', ...options });
  return { secret: pair.privateKey, armored: pair.publicKey.armor() };
}

let ada: Key;
let bo: Key;
beforeAll(async () => {
  ada = await key('Ada');
  bo = await key('Bo');
});

async function clear(text: string, keys: readonly Key[]): Promise<string> {
  const message = await openpgp.createCleartextMessage({ text });
  const signingKeys = keys.map(({ secret }) => secret);
  return openpgp.sign({ message, signingKeys, date: signedAt });
}

async function detached(bytes: string, signer: Key, config: openpgp.PartialConfig = {}): Promise<string> {
  const message = await openpgp.createMessage({ binary: Buffer.from(bytes) });
  return String(await openpgp.sign({ message, signingKeys: signer.secret, detached: true, date: signedAt, config }));
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof SamesourceError ? error.code : String(error)),
  );
}

const text = 'Origin: Quince\n- dashed\n--- more\nFrom here\n\nwith  white space   \t\nlast';
const meant = 'Origin: Quince\n- dashed\n--- more\nFrom here\n\nwith  white space\nlast';

test('the payload is what was signed, and the signer is named', async () => {
  const signed = await clear(text, [ada]);
  expect(isClearSigned(signed)).toBe(true);
  const found = await verifyClearSigned(signed, [ada.armored], { now });
  expect(found.payload).toBe(meant);
  expect(found.signers).toMatchObject([{ fingerprint: ada.secret.getFingerprint().toUpperCase(), userId: 'Ada' }]);
  expect(found.unknownKeyIds).toEqual([]);
  expect((await verifyClearSigned(signed.replaceAll('\r\n', '\n'), [ada.armored], { now })).payload).toBe(meant);
});

test('several signers, some of them unknown', async () => {
  const signed = await clear(text, [ada, bo]);
  const both = await verifyClearSigned(signed, [ada.armored, bo.armored], { now });
  expect(both.signers.map(({ userId }) => userId)).toEqual(expect.arrayContaining(['Ada', 'Bo']));
  const one = await verifyClearSigned(signed, [bo.armored], { now });
  expect(one.signers).toHaveLength(1);
  expect(one.unknownKeyIds).toEqual([ada.secret.getKeyID().toHex().toUpperCase()]);
  const none = await verifyClearSigned(signed, [], { now });
  expect(none).toMatchObject({ signers: [], payload: meant });
  expect(none.unknownKeyIds).toHaveLength(2);
});

test('keys in binary form, several blocks in one text, and text around them', async () => {
  const signed = await clear(text, [ada, bo]);
  const ring = Buffer.concat([ada, bo].map(({ secret }) => secret.toPublic().write()));
  expect((await verifyClearSigned(signed, [ring], { now })).signers).toHaveLength(2);
  const armored = `# keys\n${ada.armored}\nand\n${bo.armored}`;
  expect((await verifyClearSigned(signed, [armored], { now })).signers).toHaveLength(2);
  expect((await verifyClearSigned(signed, [Buffer.from(armored)], { now })).signers).toHaveLength(2);
  expect(await codeOf(verifyClearSigned(signed, ['no key here'], { now }))).toBe('signature-invalid');
});

test('anything but one message and nothing else is refused', async () => {
  const signed = await clear(text, [ada]);
  const [head = '', tail = ''] = signed.split('-----BEGIN PGP SIGNATURE-----');
  const cases = {
    changed: signed.replace('Quince', 'Medlar'),
    'a line added': signed.replace('From here', 'From here\nand there'),
    'white space moved': signed.replace('with  white', 'with white'),
    'text before': `Origin: Medlar\n${signed}`,
    'text after': `${signed}Origin: Medlar\n`,
    'two messages': signed + signed,
    'text between the parts': `${head}-----BEGIN PGP SIGNATURE-----${tail}`.replace(/-----END PGP SIGNATURE-----/, 'x'),
    'no signature': head,
    'not signed at all': text,
    'an extra armor header': signed.replace('Hash:', 'Origin: Medlar\nHash:'),
    empty: '',
  };
  for (const [name, bad] of Object.entries(cases)) {
    expect([name, await codeOf(verifyClearSigned(bad, [ada.armored], { now }))]).toEqual([name, 'signature-invalid']);
  }
});

test('a bad signature by a known key counts, whatever the others say', async () => {
  const signed = await clear(text, [ada, bo]);
  const forged = signed.replace('Quince', 'Medlar');
  expect(await codeOf(verifyClearSigned(forged, [bo.armored], { now }))).toBe('signature-invalid');
  expect((await verifyClearSigned(forged, [], { now })).signers).toEqual([]);
});

test('SHA-1, DSA and short RSA keys are weak and never count', async () => {
  const rsa = await key('Cy', { type: 'rsa', rsaBits: 1024, config: { minRSABits: 1024 } });
  const signature = await detached('quince\n', rsa, { minRSABits: 1024 });
  for (const [signed, by] of [
    [signature, rsa.armored],
    [gnupg.bySha1, gnupg.fay],
    [gnupg.byDsa, gnupg.gus],
  ] as const) {
    const found = await verifyDetached(Buffer.from('quince\n'), signed, [by], { now });
    expect(found).toMatchObject({ signers: [], unknownKeyIds: [], weakKeyIds: [expect.any(String)] });
  }
});

test('a text clear-signed by GnuPG', async () => {
  const found = await verifyClearSigned(gnupg.clear, [gnupg.fay], { now });
  expect(found.payload).toBe('Format: 3.0 (quilt)\n- a dash\ntrailing');
  expect(found.signers).toMatchObject([{ userId: 'Fay' }]);
});

test('a detached signature is over these bytes only', async () => {
  const signature = await detached('bytes\r\n', ada);
  expect((await verifyDetached(Buffer.from('bytes\r\n'), signature, [ada.armored], { now })).signers).toHaveLength(1);
  for (const other of ['bytes\n', 'bytes', 'bytes\r\n\r\n', '']) {
    expect(await codeOf(verifyDetached(Buffer.from(other), signature, [ada.armored], { now }))).toBe(
      'signature-invalid',
    );
  }
  expect((await verifyDetached(Buffer.from('other'), signature, [bo.armored], { now })).signers).toEqual([]);
});

test('GHSA-8qff-qr5q-5pr8: a message that brings its own bytes is no detached signature', async () => {
  const message = await openpgp.createMessage({ binary: Buffer.from('innocent') });
  const inline = String(await openpgp.sign({ message, signingKeys: ada.secret, date: signedAt }));
  const { data } = await openpgp.unarmor(inline);
  const binary = Buffer.from(data as Uint8Array);
  for (const offered of [
    inline,
    inline.replaceAll('PGP MESSAGE', 'PGP SIGNATURE'),
    binary,
    await clear('evil', [ada]),
  ]) {
    expect(await codeOf(verifyDetached(Buffer.from('evil'), offered, [ada.armored], { now }))).toBe(
      'signature-invalid',
    );
  }
});

test('a text signature, which does not say which line ends it is over, is no detached signature', async () => {
  const message = await openpgp.createMessage({ text: 'line\n' });
  const signature = String(await openpgp.sign({ message, signingKeys: ada.secret, detached: true, date: signedAt }));
  expect(await codeOf(verifyDetached(Buffer.from('line\n'), signature, [ada.armored], { now }))).toBe(
    'signature-invalid',
  );
});

test('signatures from the future, and ones that have expired', async () => {
  const signature = await detached('x', ada);
  const before = new Date('2024-01-15T00:00:00Z');
  expect(await codeOf(verifyDetached(Buffer.from('x'), signature, [ada.armored], { now: before }))).toBe(
    'signature-invalid',
  );
});

test('a revoked key', async () => {
  const pair = await openpgp.generateKey({ userIDs: [{ name: 'Eli' }], date: made, format: 'object' });
  const { publicKey } = await openpgp.revokeKey({
    key: pair.privateKey,
    reasonForRevocation: { flag: openpgp.enums.reasonForRevocation.keyCompromised, string: 'stolen' },
    date: signedAt,
    format: 'object',
  });
  const eli = { secret: pair.privateKey, armored: pair.publicKey.armor() };
  const signature = await detached('x', eli);
  expect(await codeOf(verifyDetached(Buffer.from('x'), signature, [eli.armored], { now }))).toBe('no error');
  expect(await codeOf(verifyDetached(Buffer.from('x'), signature, [publicKey.armor()], { now }))).toBe(
    'signature-invalid',
  );
});
