/** Signatures of minisign and signify, as lines: a comment, 74 bytes in base64; minisign adds a second pair. */
import { SamesourceError } from '../model/error.ts';

export interface MinisignLines {
  /** 16 upper-case hex digits, as `minisign` shows it. */
  readonly keyId: string;
  /** Comments that are not among those the tools write by themselves. */
  readonly besides: readonly string[];
}

/** Two lines are signify's, four are minisign's. @throws SamesourceError `archive-unsafe` */
export function readMinisign(lines: readonly string[]): MinisignLines {
  const [untrusted = '', signature = '', trusted, global] = lines;
  const bytes = decode(signature, 74);
  if (!['Ed', 'ED'].includes(bytes.toString('latin1', 0, 2))) throw unsafe('an unknown algorithm');
  const besides: string[] = [];
  if (!untrusted.startsWith('untrusted comment: ')) throw unsafe('no comment');
  const known = /^untrusted comment: (?:signature from (?:minisign|rsign) secret key|verify with [\w.+-]{1,64}\.pub)$/;
  if (!known.test(untrusted)) besides.push('untrusted comment');
  if (trusted !== undefined && global !== undefined) {
    decode(global, 64);
    if (!trusted.startsWith('trusted comment: ')) throw unsafe('no trusted comment');
    if (!/^trusted comment: timestamp:\d{1,12}(?:\tfile:[^\t]{1,100})?(?:\t(?:pre)?hashed)?$/.test(trusted)) {
      besides.push('trusted comment');
    }
  } else if (lines.length !== 2) throw unsafe(`${lines.length} lines`);
  return { keyId: Buffer.from(bytes.subarray(2, 10).toReversed()).toString('hex').toUpperCase(), besides };
}

function decode(base64: string, size: number): Buffer {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length !== size || bytes.toString('base64') !== base64) throw unsafe(`not ${size} bytes in base64`);
  return bytes;
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `minisign: ${what}`);
}
