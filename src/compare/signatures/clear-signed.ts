/** Clear-signed text (RFC 4880 7): a frame around the text, which is escaped in it. */
import { readArmoredSignature, readPgpSignatures, startFits } from '../../format/pgp-signature.ts';
import { bufferView, startOf, type View } from '../../platform/view.ts';
import { regionOf } from './joined.ts';
import { twoBytes } from './trailer.ts';
import type { SignatureKind, SignaturePayload } from './types.ts';

const largest = 16 * 1024 * 1024;
const begin = '-----BEGIN PGP SIGNED MESSAGE-----\n';
const signatureBegin = '\n-----BEGIN PGP SIGNATURE-----\n';

interface Framed {
  readonly head: string;
  /** Escaped, up to the line end before the signature. */
  readonly body: string;
  readonly signature: string;
}

export const clearSigned: SignatureKind = {
  transplant(released, rebuilt) {
    const theirs = readFrame(released);
    if (theirs === undefined || rebuilt.size > largest) return undefined;
    const read = readClearSigned(released);
    if (read === undefined) return undefined;
    const at = released.size - theirs.signature.length;
    const payload = read.beside.map((name): SignaturePayload => ({ name, at, size: theirs.signature.length }));
    return {
      pieces: [theirs.head, bodyLike(theirs.body, ownText(rebuilt)), theirs.signature].map((text) =>
        bufferView(Buffer.from(text, 'latin1')),
      ),
      signature: {
        kind: 'pgp-clear-signed',
        regions: [
          regionOf('head of the frame', released, 0, theirs.head.length),
          regionOf('signature', released, at, theirs.signature.length),
        ],
        content: 'not-checked',
        signer: read.signer,
        remarks: [twoBytes],
      },
      payload,
      misfits: read.misfits,
    };
  },
};

export interface ClearSignedText {
  /** The escapes undone. Untrusted. */
  readonly text: string;
  readonly signer: string;
  readonly beside: readonly string[];
  readonly misfits: readonly string[];
}

/** A clear-signed text that is all of a view; `undefined` for anything else. @throws SamesourceError `archive-unsafe` */
export function readClearSigned(view: View): ClearSignedText | undefined {
  const framed = readFrame(view);
  if (framed === undefined) return undefined;
  const { bytes, headers } = readArmoredSignature(framed.signature);
  const { signatures, beside } = readPgpSignatures(bytes);
  const content = [Buffer.from(canonical(framed.body), 'latin1')];
  const fits = signatures.every((signature) => signature.type === 1 && startFits(signature, content));
  return {
    text: framed.body.replaceAll(/^- /gm, ''),
    signer: signatures[0]?.signer ?? 'no one',
    beside: [...beside, ...headers.map((header) => `armor header "${header.slice(0, 80)}"`)],
    misfits: fits ? [] : ['the first bytes of its digest are not those of the text'],
  };
}

/** `Hash` is the only header that has a meaning there. */
function readFrame(view: View): Framed | undefined {
  if (view.size > largest || startOf(view, begin.length).toString('latin1') !== begin) return undefined;
  const text = view.read(0, view.size).toString('latin1');
  const head = /^-----BEGIN PGP SIGNED MESSAGE-----\n(?:Hash: (?:SHA(?:1|224|256|384|512)|MD5|RIPEMD160)\n)?\n/.exec(
    text,
  )?.[0];
  const end = text.indexOf(signatureBegin);
  if (head === undefined || end < head.length - 1 || text.lastIndexOf(signatureBegin) !== end) return undefined;
  return { head, body: text.slice(head.length, end + 1), signature: text.slice(end + 1) };
}

/** Our text, taken out of its own frame if it has one. */
function ownText(view: View): string {
  const framed = readFrame(view);
  if (framed === undefined) return view.read(0, view.size).toString('latin1');
  return framed.body.replaceAll(/^- /gm, '');
}

/** Each line that begins with a dash is escaped; the last is ended; an empty one may end a paragraph before the signature. */
function bodyLike(theirs: string, text: string): string {
  const ended = text.endsWith('\n') ? text : `${text}\n`;
  const escaped = ended.replaceAll(/^-/gm, '- -');
  return theirs === `${escaped}\n` ? theirs : escaped;
}

/** RFC 4880 7.1: lines without white space at their ends, by CRLF; the last line end is not signed. */
function canonical(body: string): string {
  const lines = body.replace(/\n$/, '').split('\n');
  return lines.map((line) => withoutBlanks(line.startsWith('- ') ? line.slice(2) : line)).join('\r\n');
}

/** By hand: an expression for it is slow on a long line of blanks. */
function withoutBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && ' \t\r'.includes(line[end - 1] ?? 'x')) end--;
  return line.slice(0, end);
}
