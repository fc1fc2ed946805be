import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { compareSigned, type SignedResult } from '../../../src/compare/signed.ts';
import { bufferView } from '../../../src/platform/view.ts';
import { arArchive, arMember } from '../../format/ar-fixture.ts';
import { armored, pgpSignature, subpacket, type PgpFixture } from './pgp-fixture.ts';

function compare(released: Buffer, rebuilt: Buffer): SignedResult {
  return compareSigned(bufferView(released), bufferView(rebuilt));
}

const isMatch = (result: SignedResult): boolean => result !== undefined && 'match' in result;

/** `outside`: whether a byte belongs to no signature. */
function requireMutantsFound(released: Buffer, rebuilt: Buffer, outside: (at: number) => boolean): void {
  const clean = JSON.stringify(compare(released, rebuilt));
  for (let at = 0; at < released.length; at++) {
    const mutant = Buffer.from(released);
    mutant.writeUInt8((mutant[at] ?? 0) ^ 2, at);
    const result = compare(mutant, rebuilt);
    expect(JSON.stringify(result), `byte ${at}`).not.toBe(clean);
    if (outside(at)) expect(result, `byte ${at}`).toBeUndefined();
  }
}

const digest = (algorithm: string, bytes: Buffer): Buffer => createHash(algorithm).update(bytes).digest();

describe('deb', () => {
  const members = [
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.xz', Buffer.from('control of plover')],
    ['data.tar.xz', Buffer.from('data of quince!!')],
  ] as const;

  const ar = (...parts: readonly (readonly [string, Buffer])[]): Buffer =>
    arArchive(...parts.map(([name, data]) => arMember(name, data.toString('latin1'))));

  const bare = ar(...members);
  const all = Buffer.concat(members.map(([, data]) => data));
  const detached = (fixture: PgpFixture = {}): Buffer => ar(...members, ['_gpgorigin', pgpSignature(all, fixture)]);

  function listed(change: (list: string) => string = String, fixture: PgpFixture = {}): Buffer {
    const lines = members.map(([name, data]) =>
      [`\t${digest('md5', data).toString('hex')}`, digest('sha1', data).toString('hex'), data.length, name].join(' '),
    );
    const text = change(`Version: 4\nSigner: Quince <q@plover.example>\nRole: builder\nFiles: \n${lines.join('\n')}\n`);
    const canonical = text
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\r\n');
    const signature = armored(pgpSignature(canonical, { type: 1, ...fixture }));
    const framed = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${text}${signature}`;
    return ar(...members, ['_gpgbuilder', Buffer.from(framed)]);
  }

  test('a member of debsigs is moved', () => {
    expect(compare(detached(), bare)).toMatchObject({
      match: { kind: 'deb', content: 'not-checked', signer: 'key C0FFEE0123456789', regions: [{ name: '_gpgorigin' }] },
    });
    expect(isMatch(compare(detached(), listed()))).toBe(true);
    requireMutantsFound(detached(), bare, (at) => at < bare.length);
  });

  test('a member of dpkg-sig is moved, and its list checked', () => {
    expect(compare(listed(), bare)).toMatchObject({ match: { kind: 'deb', content: 'fits' } });
    requireMutantsFound(listed(), bare, (at) => at < bare.length);
    expect(
      isMatch(
        compare(
          listed((list) => list.replace(' 17 control', ' 18 control')),
          bare,
        ),
      ),
    ).toBe(false);
    expect(
      isMatch(
        compare(
          listed((list) => list.replace(/\t.*data.*\n/, '')),
          bare,
        ),
      ),
    ).toBe(false);
    expect(
      compare(
        listed((list) => `${list}Payload: x\n`),
        bare,
      ),
    ).toMatchObject({
      payload: [{ name: '_gpgbuilder: a line that is no part of the list' }],
    });
  });

  test('what is no signature is payload or no match', () => {
    const notation = { unsigned: [subpacket(20, Buffer.from('payload'))] };
    expect(compare(detached(notation), bare)).toMatchObject({
      payload: [{ name: '_gpgorigin: unsigned subpacket 20' }],
    });
    expect(isMatch(compare(detached({ start: Buffer.from([1, 2]) }), bare))).toBe(false);
    expect(compare(ar(...members, ['_gpgorigin', Buffer.from('payload')]), bare)).toBeUndefined();
    expect(compare(ar(...members, ['_payload', Buffer.from('payload')]), bare)).toBeUndefined();
    expect(compare(Buffer.concat([detached(), Buffer.from('payload')]), bare)).toBeUndefined();
  });
});

describe('rpm', () => {
  type Tag = readonly [tag: number, type: number, value: Buffer];
  const text = (value: Buffer): Buffer => Buffer.from(`${value.toString('hex')}\0`);
  const u32 = (...values: readonly number[]): Buffer =>
    Buffer.concat(
      values.map((value) => {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32BE(value);
        return bytes;
      }),
    );

  function header(tags: readonly Tag[], region = true): Buffer {
    const parts: Buffer[] = [];
    let end = 0;
    const entries = tags.map(([tag, type, value]) => {
      const gap = type === 4 ? (4 - (end % 4)) % 4 : 0;
      parts.push(Buffer.alloc(gap), value);
      end += gap + value.length;
      return u32(tag, type, end - value.length, type === 7 ? value.length : 1);
    });
    const count = entries.length + (region ? 1 : 0);
    const first = region ? [u32(62, 7, end, 16)] : [];
    if (region) parts.push(u32(62, 7, (-16 * count) >>> 0, 16));
    const store = Buffer.concat(parts);
    return Buffer.concat([
      Buffer.from('8eade80100000000', 'hex'),
      u32(count, store.length),
      ...first,
      ...entries,
      store,
    ]);
  }

  const main = header([[1000, 6, Buffer.from('plover\0')]], false);
  const body = Buffer.concat([main, Buffer.from('payload of quince')]);
  const lead = Buffer.concat([Buffer.from('edabeedb0300', 'hex'), Buffer.alloc(90)]);
  const basics: readonly Tag[] = [
    [269, 6, text(digest('sha1', main))],
    [273, 6, text(digest('sha256', main))],
    [1000, 4, u32(body.length)],
    [1004, 7, digest('md5', body)],
    [1007, 4, u32(77)],
    [1008, 7, Buffer.alloc(40)],
  ];

  function rpm(tags: readonly Tag[]): Buffer {
    const signature = header(tags.toSorted((a, b) => a[0] - b[0]));
    return Buffer.concat([lead, signature, Buffer.alloc((8 - (signature.length % 8)) % 8), body]);
  }

  const bare = rpm(basics);
  const signed = (fixture: PgpFixture = {}): Buffer => rpm([...basics, [268, 7, pgpSignature(main, fixture)]]);

  test('the signature header is moved, and its digests checked', () => {
    expect(compare(signed(), bare)).toMatchObject({
      match: { kind: 'rpm', content: 'fits', signer: 'key C0FFEE0123456789', regions: [{ name: 'signature header' }] },
    });
    const other = rpm([...basics, [268, 7, pgpSignature(main, { unsigned: [subpacket(33, Buffer.alloc(21))] })]]);
    expect(isMatch(compare(signed(), other))).toBe(true);
    expect(compare(bare, signed())).toBeUndefined();
    const end = signed().length - body.length;
    requireMutantsFound(signed(), bare, (at) => at < lead.length || at >= end);
  });

  test.each<[string, Tag]>([
    ['a SHA-256 of another header', [273, 6, text(Buffer.alloc(32))]],
    ['a wrong size', [1000, 4, u32(1)]],
    ['another size of the unpacked payload', [1007, 4, u32(78)]],
    ['reserved space that is in use', [1008, 7, Buffer.from('payload')]],
  ])('%s is no match', (_, tag) => {
    const tags = [...basics.filter(([id]) => id !== tag[0]), tag, [268, 7, pgpSignature(main)] as const];
    expect(compare(rpm(tags), bare)).toMatchObject({ near: { content: 'not-checked' }, payload: [] });
  });

  test('other tags and subpackets are payload', () => {
    const more = rpm([...basics, [268, 7, pgpSignature(main)], [555, 7, Buffer.from('payload')]]);
    expect(compare(more, bare)).toMatchObject({ near: {}, payload: [{ name: 'tag 555' }] });
    expect(compare(signed({ tail: Buffer.from('payload') }), bare)).toMatchObject({
      payload: [{ name: 'tag 268: bytes after the signature' }],
    });
    expect(isMatch(compare(signed({ start: Buffer.from([1, 2]) }), bare))).toBe(false);
  });
});
