/** Signed data built in code: of the right shape and with the right digests; its signatures are made up. */
import { createHash } from 'node:crypto';

export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const digits = body.length.toString(16);
  const length = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

export const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
export const set = (...parts: readonly Buffer[]): Buffer => der(0x31, ...parts);
export const octets = (bytes: Buffer): Buffer => der(0x04, bytes);
export const integer = (value: number): Buffer => der(0x02, Buffer.from([value]));

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return der(0x06, Buffer.from(bytes));
}

const name = (cn: string): Buffer => sequence(set(sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(cn)))));
const plain = (dotted: string): Buffer => sequence(oid(dotted), der(0x05));
export const sha256Algorithm = plain('2.16.840.1.101.3.4.2.1');
export const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

export function certificate(cn: string, serial = 7, issuer = cn): Buffer {
  const dates = sequence(der(0x17, Buffer.from('260101000000Z')), der(0x17, Buffer.from('360101000000Z')));
  const key = sequence(plain('1.2.840.113549.1.1.1'), der(0x03, Buffer.alloc(9, 1)));
  const algorithm = plain('1.2.840.113549.1.1.11');
  const body = sequence(der(0xa0, integer(2)), integer(serial), algorithm, name(issuer), dates, name(cn), key);
  return sequence(body, algorithm, der(0x03, Buffer.alloc(33, 2)));
}

export const attribute = (dotted: string, ...values: readonly Buffer[]): Buffer =>
  sequence(oid(dotted), set(...values));

export interface SignedFixture {
  readonly type: string;
  /** The element; left out where it is elsewhere. */
  readonly content?: Buffer;
  /** What is signed, if not the content without its header. */
  readonly signedBytes?: Buffer;
  readonly signed?: readonly Buffer[];
  readonly unsigned?: readonly Buffer[];
  readonly certificates?: readonly Buffer[];
}

export const signature = Buffer.alloc(64, 0x5a);

export function signedData(fixture: SignedFixture): Buffer {
  const { type, content, signed = [], unsigned = [], certificates = [] } = fixture;
  const bytes = fixture.signedBytes ?? bodyOf(content ?? Buffer.alloc(0));
  const signer = sequence(
    integer(1),
    sequence(name('Quince Ltd'), integer(7)),
    sha256Algorithm,
    der(
      0xa0,
      attribute('1.2.840.113549.1.9.3', oid(type)),
      attribute('1.2.840.113549.1.9.4', octets(sha256(bytes))),
      ...signed,
    ),
    plain('1.2.840.113549.1.1.1'),
    octets(signature),
    ...(unsigned.length === 0 ? [] : [der(0xa1, ...unsigned)]),
  );
  const frame = sequence(oid(type), ...(content === undefined ? [] : [der(0xa0, content)]));
  const body = sequence(
    integer(1),
    set(sha256Algorithm),
    frame,
    der(0xa0, certificate('Quince Ltd'), ...certificates),
    set(signer),
  );
  return sequence(oid('1.2.840.113549.1.7.2'), der(0xa0, body));
}

/** Without the header; for elements with lengths of up to two bytes. */
export function bodyOf(element: Buffer): Buffer {
  const first = element[1] ?? 0;
  return element.subarray(first < 0x80 ? 2 : 2 + (first & 0x7f));
}
