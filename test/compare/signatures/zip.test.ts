import { describe, expect, test } from 'vitest';
import { compareSigned, type SignedResult } from '../../../src/compare/signed.ts';
import { bufferView } from '../../../src/platform/view.ts';
import { attribute, certificate, octets } from './cms-fixture.ts';
import {
  contentDigest,
  jarSignature,
  schemeV2,
  signingBlock,
  u32,
  v2,
  zipOf,
  type JarMore,
  type PairFixture,
  type ZipEntryFixture,
} from './zip-fixture.ts';

const files: readonly ZipEntryFixture[] = [
  { name: 'AndroidManifest.xml', content: Buffer.from('plover '.repeat(40)), deflate: true },
  { name: 'assets/quince.bin', content: Buffer.from('quince '.repeat(30)) },
];
const unsigned = zipOf({ entries: files });

type Pairs = (digest: Buffer) => readonly PairFixture[];
const plainPairs: Pairs = (digest) => [[v2, schemeV2(digest)]];

/** Signed by v2 alone, the block's pairs made of the digest. */
function apk(pairs: Pairs = plainPairs, entries = files): Buffer {
  return zipOf({ entries, block: (sections) => signingBlock(pairs(contentDigest(sections))) });
}

function jar(more: JarMore = {}, change: (entries: ZipEntryFixture[]) => ZipEntryFixture[] = (same) => same): Buffer {
  return zipOf({ entries: change([...files, ...jarSignature(files, more)]) });
}

function compare(released: Buffer, rebuilt = unsigned): SignedResult {
  return compareSigned(bufferView(released), bufferView(rebuilt));
}

const isMatch = (result: SignedResult): boolean => result !== undefined && 'match' in result;

function digestsOf(result: SignedResult): string {
  if (result === undefined) return 'none';
  return JSON.stringify(('match' in result ? result.match : result.near).regions);
}

describe('apk signing block', () => {
  test('a v2 signature moved onto the unsigned file gives the signed one', () => {
    expect(compare(apk())).toMatchObject({
      match: {
        kind: 'apk-v2',
        content: 'fits',
        signer: 'Quince Ltd',
        remarks: [],
        regions: [{ name: 'APK signing block' }],
      },
    });
  });

  test('the block of another signer is taken off first', () => {
    const other = apk((digest) => [
      [v2, schemeV2(digest)],
      [0x504b4453, Buffer.alloc(77, 1)],
    ]);
    expect(isMatch(compare(apk(), other))).toBe(true);
    expect(compare(unsigned, apk())).toBeUndefined();
  });

  test('zeros that bring the block to a page are its padding', () => {
    const pad = (digest: Buffer): readonly PairFixture[] => {
      const bare = signingBlock([[v2, schemeV2(digest)]]).length;
      return [
        [v2, schemeV2(digest)],
        [0x42726577, Buffer.alloc(4096 - 12 - (bare % 4096))],
      ];
    };
    expect(isMatch(compare(apk(pad)))).toBe(true);
  });

  test.each<[string, Pairs, string]>([
    ['an unknown block', () => [[0x12345678, Buffer.from('payload')]], 'block 0x12345678'],
    ['dependency info', () => [[0x504b4453, Buffer.alloc(9)]], 'block 0x504b4453 (dependency info)'],
    ['frosting', () => [[0x2146444e, Buffer.alloc(9)]], 'block 0x2146444e (frosting)'],
    ['a source stamp', () => [[0x6dff800d, Buffer.alloc(9)]], 'block 0x6dff800d (source stamp)'],
    [
      'padding that holds bytes',
      () => [[0x42726577, Buffer.from('payload')]],
      'block 0x42726577 (padding that holds bytes)',
    ],
    ['a second signature (fakesigner)', (digest) => [[v2, schemeV2(digest)]], 'block 0x7109871a (v2) again'],
  ])('%s is payload', (_, more, name) => {
    const result = compare(apk((digest) => [...plainPairs(digest), ...more(digest)]));
    expect(result).toMatchObject({ near: { kind: 'apk-v2' }, payload: [{ name }] });
  });

  test('an unknown attribute and bytes after a signer are payload', () => {
    const attributes = [Buffer.concat([u32(0xabcdef01), Buffer.from('payload')])];
    expect(compare(apk((digest) => [[v2, schemeV2(digest, attributes)]]))).toMatchObject({
      payload: [{ name: 'v2: attribute 0xabcdef01' }],
    });
    expect(compare(apk((digest) => [[v2, schemeV2(digest, [], Buffer.from('payload'))]]))).toMatchObject({
      payload: [{ name: 'v2: after a signer', size: 7 }],
    });
  });

  test('a file with an encrypted entry has none that is moved', () => {
    const encrypted = apk();
    for (const flags of [6, encrypted.indexOf('PK\x01\x02') + 8]) encrypted.writeUInt16LE(1, flags);
    expect(compare(encrypted, encrypted)).toBeUndefined();
  });

  test('a signature of another file is no match', () => {
    expect(compare(apk(() => [[v2, schemeV2(Buffer.alloc(32))]]))).toMatchObject({
      near: { content: 'not-checked' },
      payload: [],
    });
    expect(isMatch(compare(apk(() => [])))).toBe(false);
  });
});

describe('jar signature', () => {
  test('a signature moved onto the unsigned file gives the signed one, wherever it stands', () => {
    expect(compare(jar())).toMatchObject({ match: { kind: 'apk-v1', content: 'fits', signer: 'Quince Ltd' } });
    const front = jar({}, (entries) => [...entries.slice(2), ...entries.slice(0, 2)]);
    expect(isMatch(compare(front))).toBe(true);
    expect(isMatch(compare(jar(), front))).toBe(true);
  });

  test('with a signing block too, both are moved', () => {
    const entries = [...files, ...jarSignature(files)];
    expect(compare(apk(plainPairs, entries))).toMatchObject({ match: { kind: 'apk-v1+v2' } });
  });

  test('the manifest of the build must still say all that it said', () => {
    const built = (text: string): Buffer =>
      zipOf({ entries: [{ name: 'META-INF/MANIFEST.MF', content: Buffer.from(text), deflate: true }, ...files] });
    const signed = (main: string): Buffer => {
      const [manifest, ...others] = jarSignature(files, { main });
      return zipOf({ entries: [manifest as ZipEntryFixture, ...files, ...others] });
    };
    const main = 'Manifest-Version: 1.0\r\nMain-Class: Quince\r\n';
    expect(isMatch(compare(signed(main), built(`${main}\r\n`)))).toBe(true);
    expect(compare(signed(main.replace('Quince', 'Plover')), built(`${main}\r\n`))).toMatchObject({
      payload: [{ name: 'META-INF/MANIFEST.MF: attribute Main-Class' }],
    });
    const lacking = compare(signed('Manifest-Version: 1.0\r\n'), built(`${main}\r\n`));
    expect(lacking).toMatchObject({ near: { remarks: ['its manifest lacks Main-Class'] } });
  });

  test.each<[string, JarMore, string]>([
    [
      'an attribute of the manifest',
      { main: 'Manifest-Version: 1.0\r\nClass-Path: x\r\n' },
      'META-INF/MANIFEST.MF: attribute Class-Path',
    ],
    [
      'an attribute of the signature file',
      { signatureFile: (text) => text.replace('\r\n', '\r\nPayload: x\r\n') },
      'META-INF/QUINCE.SF: attribute Payload',
    ],
    [
      'an unknown attribute',
      { block: { unsigned: [attribute('1.2.3', octets(Buffer.alloc(9)))] } },
      'META-INF/QUINCE.RSA: unsigned attribute 1.2.3',
    ],
    [
      'a certificate of no one',
      { block: { certificates: [certificate('Plover', 9)] } },
      'META-INF/QUINCE.RSA: a certificate of no signer',
    ],
    [
      'content in the signature',
      { block: { content: octets(Buffer.from('payload')) } },
      'META-INF/QUINCE.RSA: content of its own',
    ],
  ])('%s is payload', (_, more, name) => {
    expect(compare(jar(more))).toMatchObject({ payload: [{ name }] });
  });

  test('a section for what is not there is payload', () => {
    const manifest = (text: string): string => `${text}Name: payload\r\nSHA-256-Digest: AAAA\r\n\r\n`;
    const result = compare(jar({ manifest }));
    expect(isMatch(result)).toBe(false);
    expect(result).toMatchObject({ near: { kind: 'apk-v1' } });
  });

  test('what hides in the records of the signature is payload or no signature', () => {
    const last = (change: Partial<ZipEntryFixture>): Buffer =>
      jar({}, (entries) => entries.map((entry) => (entry.name.endsWith('RSA') ? { ...entry, ...change } : entry)));
    const extra = Buffer.concat([Buffer.from([0x99, 0x99, 4, 0]), u32(1)]);
    expect(compare(last({ localExtra: extra }))).toMatchObject({
      payload: [{ name: 'META-INF/QUINCE.RSA: extra field' }],
    });
    expect(compare(last({ comment: 'payload' }))).toMatchObject({
      payload: [{ name: 'META-INF/QUINCE.RSA: comment' }],
    });
    const link = last({ attributes: 0xa1ff0000 });
    expect(compare(link)).toMatchObject({ payload: [{ name: 'META-INF/QUINCE.RSA: attributes' }] });
    expect(compare(last({ slack: Buffer.from('payload') }))).toBeUndefined();
  });

  test.each([
    'META-INF/PLOVER.RSA',
    'META-INF/PLOVER.SF',
    'META-INF/services/x',
    'META-INF/Q\n.RSA',
    'META-INF/quince.sf',
  ])('%j is not taken for a part of the signature', (name) => {
    expect(compare(jar({}, (entries) => [...entries, { name, content: Buffer.from('payload') }]))).toBeUndefined();
  });

  test('digests of other content are no match', () => {
    const wrong = Buffer.from('other');
    const other = jarSignature([files[0] as ZipEntryFixture, { name: 'assets/quince.bin', content: wrong }]);
    const result = compare(zipOf({ entries: [...files, ...other] }));
    expect(result).toMatchObject({ near: { content: 'not-checked' }, payload: [] });
    expect(isMatch(compare(jar({ block: { signedBytes: wrong } })))).toBe(false);
    expect(
      isMatch(compare(jar({ signatureFile: (text) => text.replace(/Manifest: .{8}/, 'Manifest: AAAAAAAA') }))),
    ).toBe(false);
  });
});

describe('alignment', () => {
  /** The field 0xd935 that brings the data of an entry that begins at `at` to a multiple of 64. */
  function aligned(name: string, at: number): Buffer {
    const pad = (64 - ((at + 30 + name.length + 6) % 64)) % 64;
    const field = Buffer.from([0x35, 0xd9, 2 + pad, 0, 64, 0]);
    return Buffer.concat([field, Buffer.alloc(pad)]);
  }
  const sizeOf = (entry: ZipEntryFixture): number => zipOf({ entries: [entry] }).indexOf('PK\x01\x02', 'latin1');
  const stored = { name: 'lib/quince.so', content: Buffer.from('quince '.repeat(30)) };
  const at = (before: readonly ZipEntryFixture[]): ZipEntryFixture => {
    const start = before.reduce((sum, entry) => sum + sizeOf(entry), 0);
    return { ...stored, localExtra: aligned(stored.name, start) };
  };
  const signature = jarSignature([stored]);

  test('stored data that was aligned is aligned again where the signature moves it', () => {
    const rebuilt = zipOf({ entries: [at([])] });
    const released = zipOf({ entries: [...signature, at(signature)] });
    expect(at(signature).localExtra).not.toEqual(at([]).localExtra);
    expect(isMatch(compare(released, rebuilt))).toBe(true);
  });

  test('bytes in the alignment are found', () => {
    const rebuilt = zipOf({ entries: [at([])] });
    const moved = at(signature);
    const extra = Buffer.from(moved.localExtra ?? '');
    extra.writeUInt8(0x51, extra.length - 1);
    expect(compare(zipOf({ entries: [...signature, { ...moved, localExtra: extra }] }), rebuilt)).toBeUndefined();
  });
});

describe('mutants', () => {
  const entries = [...files, ...jarSignature(files)];
  const released = apk(plainPairs, entries);
  const clean = compare(released);

  test('the released file itself is a match', () => expect(isMatch(clean)).toBe(true));

  test.each([0x01, 0x80])('no byte can be flipped by %i and still be the same match', (bits) => {
    for (let at = 0; at < released.length; at++) {
      const mutant = Buffer.from(released);
      mutant.writeUInt8((mutant[at] ?? 0) ^ bits, at);
      const result = compare(mutant);
      if (isMatch(result)) expect(digestsOf(result), `byte ${at}`).not.toBe(digestsOf(clean));
    }
  });

  test('no byte can be put in or taken out', () => {
    for (let at = 0; at <= released.length; at += 3) {
      const more = Buffer.concat([released.subarray(0, at), Buffer.from([0]), released.subarray(at)]);
      const less = Buffer.concat([released.subarray(0, at), released.subarray(at + 1)]);
      expect(isMatch(compare(more)), `at ${at}`).toBe(false);
      if (at < released.length) expect(isMatch(compare(less)), `without ${at}`).toBe(false);
    }
  });
});
