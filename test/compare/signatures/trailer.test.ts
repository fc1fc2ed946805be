import { describe, expect, test } from 'vitest';
import { compareSigned, type SignedResult } from '../../../src/compare/signed.ts';
import { bufferView } from '../../../src/platform/view.ts';
import { armored, pgpSignature, subpacket, type PgpFixture } from './pgp-fixture.ts';

const text = 'plover\n- quince\n--egg\nlast\n';

function compare(released: string, rebuilt = text): SignedResult {
  return compareSigned(bufferView(Buffer.from(released)), bufferView(Buffer.from(rebuilt)));
}

const isMatch = (result: SignedResult): boolean => result !== undefined && 'match' in result;

function requireMutantsFound(released: string, content: string): void {
  const clean = JSON.stringify(compare(released, content));
  for (let at = 0; at < released.length; at++) {
    const mutant = Buffer.from(released);
    mutant.writeUInt8((mutant[at] ?? 0) ^ 1, at);
    const result = compareSigned(bufferView(mutant), bufferView(Buffer.from(content)));
    expect(JSON.stringify(result), `byte ${at}`).not.toBe(clean);
  }
}

const commented = (lines: string, sign: string): string =>
  lines.replaceAll(/^(?=[^]*\n)/gm, (_, at: number) => (at < lines.length ? sign : ''));

describe('pgp trailer', () => {
  const signed = (fixture: PgpFixture = {}, header = ''): string => text + armored(pgpSignature(text, fixture), header);

  test('a block behind the content is moved', () => {
    expect(compare(signed())).toMatchObject({
      match: { kind: 'pgp-trailer', content: 'not-checked', signer: 'key C0FFEE0123456789' },
    });
    requireMutantsFound(signed(), text);
  });

  test('as comments, and onto a file that another key signed', () => {
    const released = text + commented(armored(pgpSignature(text)), '# ');
    expect(released).toContain('\n# -----END');
    expect(isMatch(compare(released))).toBe(true);
    expect(isMatch(compare(released, signed()))).toBe(true);
  });

  test('a last line that is not ended is ended', () => {
    expect(isMatch(compare(`quince\n${armored(pgpSignature('quince'))}`, 'quince'))).toBe(true);
  });

  test.each<[string, PgpFixture, string]>([
    ['a notation', { signed: [subpacket(20, Buffer.from('payload'))] }, 'signed subpacket 20'],
    ['an unsigned notation', { unsigned: [subpacket(20, Buffer.from('payload'))] }, 'unsigned subpacket 20'],
    ['bytes behind the signature', { tail: Buffer.from('payload') }, 'bytes after the signature'],
  ])('%s is payload', (_, fixture, name) => {
    expect(compare(signed(fixture))).toMatchObject({ near: {}, payload: [{ name }] });
  });

  test('a comment in the armor is payload', () => {
    expect(compare(signed({}, 'Comment: payload\n'))).toMatchObject({
      payload: [{ name: 'armor header "Comment: payload"' }],
    });
    expect(isMatch(compare(signed({}, 'Version: GnuPG v1\n')))).toBe(true);
  });

  test('a signature of other content is no match', () => {
    expect(compare(signed({ start: Buffer.from([1, 2]) }))).toMatchObject({ near: {}, payload: [] });
    expect(compare(`${signed()}payload\n`)).toBeUndefined();
    expect(compare(armored(pgpSignature(text)), '')).toBeUndefined();
  });
});

describe('clear-signed text', () => {
  const canonical = text.trimEnd().replaceAll('\n', '\r\n');
  const escaped = text.replaceAll(/^-/gm, '- -');
  const framed = (fixture: PgpFixture = {}, head = 'Hash: SHA256\n', end = ''): string =>
    `-----BEGIN PGP SIGNED MESSAGE-----\n${head}\n${escaped}${end}${armored(pgpSignature(canonical + (end === '' ? '' : '\r\n'), { type: 1, ...fixture }))}`;

  test('the frame is moved, and the text escaped anew', () => {
    expect(compare(framed())).toMatchObject({ match: { kind: 'pgp-clear-signed', signer: 'key C0FFEE0123456789' } });
    expect(isMatch(compare(framed(), framed({}, '')))).toBe(true);
    expect(isMatch(compare(framed({}, undefined, '\n')))).toBe(true);
    requireMutantsFound(framed(), text);
  });

  test('what the frame holds besides is payload or no frame', () => {
    expect(compare(framed({ unsigned: [subpacket(40, Buffer.from('payload'))] }))).toMatchObject({
      payload: [{ name: 'unsigned subpacket 40' }],
    });
    expect(compare(framed({}, 'Comment: payload\n'))).toBeUndefined();
    expect(compare(`${framed()}payload`)).toBeUndefined();
    expect(isMatch(compare(framed({ start: Buffer.from([1, 2]) })))).toBe(false);
  });
});

describe('minisign', () => {
  const key = Buffer.concat([Buffer.from('ED'), Buffer.alloc(72, 7)]).toString('base64');
  const global = Buffer.alloc(64, 9).toString('base64');
  const lines = (
    untrusted = 'signature from minisign secret key',
    trusted = 'timestamp:1700000000\tfile:egg\thashed',
  ): string => `untrusted comment: ${untrusted}\n${key}\ntrusted comment: ${trusted}\n${global}\n`;

  test('lines behind the content are moved, bare or as comments', () => {
    expect(compare(text + lines())).toMatchObject({
      match: { kind: 'minisign-trailer', content: 'not-checked', signer: 'key 0707070707070707' },
    });
    expect(isMatch(compare(text + commented(lines(), '# ')))).toBe(true);
    requireMutantsFound(text + lines(), text);
  });

  test('signify’s lines in front of the content are moved', () => {
    const head = `untrusted comment: verify with quince.pub\n${key}\n`;
    expect(compare(head + text)).toMatchObject({ match: { kind: 'signify-header' } });
    expect(compare(lines(), '')).toBeUndefined();
  });

  test('comments of one’s own are payload', () => {
    expect(compare(text + lines('payload'))).toMatchObject({ payload: [{ name: 'untrusted comment' }] });
    expect(compare(text + lines(undefined, 'payload'))).toMatchObject({ payload: [{ name: 'trusted comment' }] });
    expect(compare(`${text}${lines()}payload`)).toBeUndefined();
  });
});
