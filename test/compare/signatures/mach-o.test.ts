import { describe, expect, test } from 'vitest';
import { compareSigned, type SignedResult } from '../../../src/compare/signed.ts';
import { bufferView } from '../../../src/platform/view.ts';
import { attribute, octets, sha256, signedData } from './cms-fixture.ts';

const tailSize = 101;

/** A program of one segment and `__LINKEDIT`; with room for one more command. */
function program(): Buffer {
  const bytes = Buffer.alloc(0x2000 + tailSize, 0xcc);
  bytes.fill(0, 0, 0x1000);
  bytes.writeUInt32LE(0xfeedfacf, 0);
  bytes.writeUInt32LE(2, 16);
  bytes.writeUInt32LE(144, 20);
  segment(bytes, 32, '__TEXT', [0, 0x2000]);
  segment(bytes, 104, '__LINKEDIT', [0x2000, tailSize]);
  return bytes;
}

function segment(bytes: Buffer, at: number, name: string, [fileAt, size]: readonly [number, number]): void {
  bytes.writeUInt32LE(0x19, at);
  bytes.writeUInt32LE(72, at + 4);
  bytes.write(name, at + 8, 'latin1');
  bytes.writeBigUInt64LE(BigInt(Math.ceil(size / 0x4000) * 0x4000), at + 32);
  bytes.writeBigUInt64LE(BigInt(fileAt), at + 40);
  bytes.writeBigUInt64LE(BigInt(size), at + 48);
}

const big = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index));
  return bytes;
};

const blob = (magic: number, body: Buffer): Buffer => Buffer.concat([big(magic, 8 + body.length), body]);
const requirements = blob(0xfade0c01, big(0));

interface More {
  readonly blobs?: readonly (readonly [slot: number, bytes: Buffer])[];
  /** Of another program. */
  readonly pages?: (pages: Buffer[]) => Buffer[];
  readonly gap?: Buffer;
  readonly cms?: Partial<Parameters<typeof signedData>[0]>;
  readonly tail?: Buffer;
  readonly hashedRequirements?: Buffer;
  readonly entitlements?: Buffer;
}

function directory(code: Buffer, more: More): Buffer {
  const pages: Buffer[] = [];
  for (let at = 0; at < code.length; at += 4096) pages.push(sha256(code.subarray(at, at + 4096)));
  const names = Buffer.concat([Buffer.from('example.plover\0'), more.gap ?? Buffer.alloc(0)]);
  const granted =
    more.entitlements === undefined ? [] : [sha256(more.entitlements), Buffer.alloc(32), Buffer.alloc(32)];
  const special = [...granted, sha256(more.hashedRequirements ?? requirements), Buffer.alloc(32)];
  const hashAt = 88 + names.length + 32 * special.length;
  const fixed = Buffer.concat([
    big(0x20400, 0, hashAt, 88, special.length, pages.length, code.length),
    Buffer.from([32, 2, 0, 12]),
    Buffer.alloc(48),
  ]);
  return blob(0xfade0c02, Buffer.concat([fixed, names, ...special, ...(more.pages?.(pages) ?? pages)]));
}

function sign(bare: Buffer, more: More = {}, size = 2400): Buffer {
  const end = Math.ceil(bare.length / 16) * 16;
  const code = Buffer.concat([bare, Buffer.alloc(end - bare.length)]);
  code.writeUInt32LE(3, 16);
  code.writeUInt32LE(160, 20);
  [0x1d, 16, end, size].forEach((value, index) => code.writeUInt32LE(value, 176 + 4 * index));
  segment(code, 104, '__LINKEDIT', [0x2000, end + size - 0x2000]);
  const main = directory(code, more);
  const data = signedData({ type: '1.2.840.113549.1.7.1', signedBytes: main, ...more.cms });
  const granted = more.entitlements === undefined ? [] : ([[5, more.entitlements]] as const);
  const blobs = [
    [0, main],
    ...granted,
    [2, requirements],
    ...(more.blobs ?? []),
    [0x10000, blob(0xfade0b01, Buffer.concat([data, more.tail ?? Buffer.alloc(0)]))],
  ] as const;
  let at = 12 + 8 * blobs.length;
  const index = blobs.map(([slot, bytes]) => big(slot, (at += bytes.length) - bytes.length));
  const whole = Buffer.concat([big(0xfade0cc0, at, blobs.length), ...index, ...blobs.map(([, bytes]) => bytes)]);
  return Buffer.concat([code, whole, Buffer.alloc(size - whole.length)]);
}

function fat(...programs: readonly Buffer[]): Buffer {
  let end = 8 + 20 * programs.length;
  const parts = programs.map((bytes, index) => {
    const at = Math.ceil(end / 0x1000) * 0x1000;
    const part = { entry: big(0x1000007 + index, 3, at, bytes.length, 12), gap: Buffer.alloc(at - end), bytes };
    end = at + bytes.length;
    return part;
  });
  const head = Buffer.concat([big(0xcafebabe, programs.length), ...parts.map(({ entry }) => entry)]);
  return Buffer.concat([head, ...parts.flatMap(({ gap, bytes }) => [gap, bytes])]);
}

function compare(released: Buffer, rebuilt = program()): SignedResult {
  return compareSigned(bufferView(released), bufferView(rebuilt));
}

const isMatch = (result: SignedResult): boolean => result !== undefined && 'match' in result;

describe('mach-o', () => {
  test('a signature moved onto the unsigned program gives the signed one', () => {
    expect(compare(sign(program()))).toMatchObject({
      match: { kind: 'mach-o', content: 'fits', signer: 'Quince Ltd', remarks: [] },
    });
    expect(compare(program(), sign(program()))).toBeUndefined();
  });

  test('the signature of another is taken off first', () => {
    expect(isMatch(compare(sign(program()), sign(program(), {}, 3000)))).toBe(true);
  });

  test('no byte can be flipped and still be the same match', () => {
    const released = sign(program());
    const clean = JSON.stringify(compare(released));
    for (let at = 0; at < released.length; at += at < 300 || at > 0x2000 ? 1 : 61) {
      const mutant = Buffer.from(released);
      mutant.writeUInt8((mutant[at] ?? 0) ^ 4, at);
      expect(JSON.stringify(compare(mutant)), `byte ${at}`).not.toBe(clean);
      if (at < 0x2000 + tailSize) expect(isMatch(compare(mutant)), `byte ${at}`).toBe(false);
    }
  });

  test('an unknown memory size of the segment is not taken over', () => {
    const released = sign(program());
    released.writeBigUInt64LE(0x123000n, 104 + 32);
    expect(compare(released)).toBeUndefined();
  });

  test.each<[string, More, string]>([
    ['an unknown blob', { blobs: [[0x777, blob(0xfade7777, Buffer.from('payload!'))]] }, 'blob 0x777'],
    ['bytes in the directory', { gap: Buffer.from('payload') }, 'in the code directory'],
    ['bytes after the signature', { tail: Buffer.from('payload') }, 'after the signature'],
    [
      'an unknown attribute',
      { cms: { unsigned: [attribute('1.2.3', octets(Buffer.alloc(9)))] } },
      'unsigned attribute 1.2.3',
    ],
  ])('%s is payload', (_, more, name) => {
    expect(compare(sign(program(), more))).toMatchObject({ near: { kind: 'mach-o' }, payload: [{ name }] });
  });

  test('entitlements are told, and huge ones are payload', () => {
    const entitlements = (size: number): Buffer => blob(0xfade7171, Buffer.alloc(size, 'quince'));
    expect(compare(sign(program(), { entitlements: entitlements(200) }))).toMatchObject({
      match: { remarks: ['it grants the program entitlements'] },
    });
    expect(compare(sign(program(), { entitlements: entitlements(70_000) }, 80_000))).toMatchObject({
      payload: [{ name: 'blob 0x5, which is huge' }],
    });
  });

  test('bytes in the zeros behind the blobs are payload', () => {
    const released = sign(program());
    released.writeUInt8(1, released.length - 1);
    expect(compare(released)).toMatchObject({ payload: [{ name: 'between the blobs' }] });
  });

  test('hashes of another program, of other blobs, or a signature of another directory are no match', () => {
    const misfit = { near: { content: 'not-checked' }, payload: [] };
    expect(compare(sign(program(), { pages: (pages) => pages.map(() => Buffer.alloc(32)) }))).toMatchObject(misfit);
    expect(compare(sign(program(), { hashedRequirements: Buffer.from('other') }))).toMatchObject(misfit);
    expect(compare(sign(program(), { blobs: [[5, blob(0xfade7171, Buffer.from('egg'))]] }))).toMatchObject(misfit);
    expect(compare(sign(program(), { cms: { signedBytes: Buffer.from('other') } }))).toMatchObject(misfit);
  });

  test('CVE-2018-10470: every program of a fat file is looked at', () => {
    const other = program();
    other.write('quince', 0x1800, 'latin1');
    const rebuilt = fat(program(), other);
    const released = fat(sign(program()), sign(other));
    expect(compare(released, rebuilt)).toMatchObject({
      match: { regions: [{ name: 'program 1: code signature' }, { name: 'program 2: code signature' }] },
    });
    const half = compare(fat(sign(program()), other), rebuilt);
    expect(half).toMatchObject({ match: { remarks: ['program 2 is not signed'] } });
    const changed = Buffer.from(other);
    changed.write('egg', 0x1900, 'latin1');
    expect(compare(fat(sign(program()), sign(changed)), rebuilt)).toBeUndefined();
    const hidden = { blobs: [[0x777, blob(0xfade7777, Buffer.from('payload!'))]] } as const;
    expect(compare(fat(sign(program()), sign(other, hidden)), rebuilt)).toMatchObject({
      payload: [{ name: 'program 2: blob 0x777' }],
    });
  });
});
