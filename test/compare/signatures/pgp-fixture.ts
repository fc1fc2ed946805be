/** OpenPGP signature packets of the right shape and with the right digest; the signature itself is made up. */
import { createHash } from 'node:crypto';

export interface PgpFixture {
  /** 0: of bytes; 1: of text. */
  readonly type?: number;
  readonly signed?: readonly Buffer[];
  readonly unsigned?: readonly Buffer[];
  readonly tail?: Buffer;
  /** For the digest, if it is not that of the content. */
  readonly start?: Buffer;
}

export function subpacket(type: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([value.length + 1, type]), value]);
}

const sized = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);

export function pgpSignature(content: Buffer | string, fixture: PgpFixture = {}): Buffer {
  const { type = 0, signed = [], unsigned = [], tail = Buffer.alloc(0) } = fixture;
  const issuer = subpacket(16, Buffer.from('c0ffee0123456789', 'hex'));
  const hashed = Buffer.concat([
    Buffer.from([4, type, 1, 8]),
    sized(Buffer.concat([subpacket(2, Buffer.alloc(4, 0x66)), ...signed])),
  ]);
  const trailer = Buffer.from([4, 0xff, 0, 0, hashed.length >> 8, hashed.length & 0xff]);
  const digest = createHash('sha256').update(content).update(hashed).update(trailer).digest();
  const number = Buffer.concat([Buffer.from([0x08, 0x00]), Buffer.alloc(256, 0x81)]);
  const start = fixture.start ?? digest.subarray(0, 2);
  const body = Buffer.concat([hashed, sized(Buffer.concat([issuer, ...unsigned])), start, number, tail]);
  return Buffer.concat([Buffer.from([0x89, body.length >> 8, body.length & 0xff]), body]);
}

export function armored(bytes: Buffer, header = ''): string {
  const lines = bytes.toString('base64').replaceAll(/.{64}/g, '$&\n').replace(/\n$/, '');
  return `-----BEGIN PGP SIGNATURE-----\n${header}\n${lines}\n-----END PGP SIGNATURE-----\n`;
}
