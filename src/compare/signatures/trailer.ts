/** Signatures that were appended to a file as lines, bare or as comments: OpenPGP's and minisign's; signify's stand in front. */
import { readMinisign } from '../../format/minisign.ts';
import { readArmoredSignature, readPgpSignatures, startFits, type PgpSignature } from '../../format/pgp-signature.ts';
import { bufferView, pieces, startOf, type View } from '../../platform/view.ts';
import { regionOf } from './joined.ts';
import type { SignatureKind, SignaturePayload } from './types.ts';

interface Lines {
  readonly kind: 'pgp-trailer' | 'minisign-trailer' | 'signify-header';
  readonly at: number;
  readonly size: number;
  /** Without the comment sign before each. */
  readonly lines: readonly string[];
}

interface Reading {
  readonly signer: string;
  readonly besides: readonly string[];
  readonly misfits: readonly string[];
  readonly remarks: readonly string[];
}

export const trailer: SignatureKind = {
  transplant(released, rebuilt) {
    const found = findLines(released);
    if (found === undefined) return undefined;
    const { kind, at, size } = found;
    const front = at === 0;
    const content = front ? released.slice(size, released.size - size) : released.slice(0, at);
    const { signer, besides, misfits, remarks } = readLines(found, content);
    const mine = withoutLines(rebuilt, kind);
    const moved = released.slice(at, size);
    return {
      pieces: front ? [moved, mine] : [mine, lineEnd(mine), moved],
      signature: {
        kind,
        regions: [regionOf('signature lines', released, at, size)],
        content: 'not-checked',
        signer,
        remarks,
      },
      payload: besides.map((name): SignaturePayload => ({ name, at, size })),
      misfits,
    };
  },
};

const reach = 64 * 1024;

function findLines(view: View): Lines | undefined {
  return findHeader(view) ?? findTrailer(view);
}

function findHeader(view: View): Lines | undefined {
  const text = startOf(view, 1024).toString('latin1');
  const head = /^(untrusted comment: [^\n]*)\n([A-Za-z0-9+/=]{100})\n/.exec(text);
  if (head === null || head[0].length === view.size) return undefined;
  // Four lines are a signature of minisign in a file of its own.
  if (text.startsWith('trusted comment: ', head[0].length)) return undefined;
  return { kind: 'signify-header', at: 0, size: head[0].length, lines: [head[1] ?? '', head[2] ?? ''] };
}

/** Comment signs, the same before each line. */
const pgpTrailer =
  /(?:^|\n)(|# ?|\/\/ ?|-- ?|; ?|% ?)-----BEGIN PGP SIGNATURE-----\n(?:\1[^\n]*\n)+?\1-----END PGP SIGNATURE-----\n?$/;
const minisignTrailer =
  /(?:^|\n)(|# ?|\/\/ ?|-- ?|; ?|% ?)untrusted comment: [^\n]*\n\1[A-Za-z0-9+/=]{100}\n\1trusted comment: [^\n]*\n\1[A-Za-z0-9+/=]{88}\n?$/;

function findTrailer(view: View): Lines | undefined {
  const length = Math.min(reach, view.size);
  const tail = view.read(view.size - length, length).toString('latin1');
  for (const [kind, mark, pattern] of [
    ['pgp-trailer', '-----BEGIN PGP SIGNATURE-----', pgpTrailer],
    ['minisign-trailer', 'untrusted comment: ', minisignTrailer],
  ] as const) {
    const marked = tail.lastIndexOf(mark);
    if (marked === -1) continue;
    const from = tail.lastIndexOf('\n', marked);
    const [whole, prefix = ''] = pattern.exec(tail.slice(Math.max(0, from))) ?? [];
    if (whole === undefined) continue;
    const text = whole.startsWith('\n') ? whole.slice(1) : whole;
    const lines = text
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => line.slice(prefix.length));
    const at = view.size - text.length;
    // At the front it is a signature in a file of its own.
    return at === 0 ? undefined : { kind, at, size: text.length, lines };
  }
  return undefined;
}

/** Ours may have been signed too. */
function withoutLines(view: View, kind: Lines['kind']): View {
  const found = findLines(view);
  if (found?.kind !== kind) return view;
  return found.at === 0 ? view.slice(found.size, view.size - found.size) : view.slice(0, found.at);
}

function lineEnd(view: View): View {
  const ended = view.size === 0 || view.read(view.size - 1, 1)[0] === 0x0a;
  return bufferView(Buffer.from(ended ? '' : '\n'));
}

function readLines({ kind, lines }: Lines, content: View): Reading {
  if (kind !== 'pgp-trailer') {
    const { keyId, besides } = readMinisign(lines);
    return { signer: `key ${keyId}`, besides, misfits: [], remarks: ['it holds no digest of the content'] };
  }
  // A line end that was put between content and signature is not signed.
  return readPgpLines(lines, [content, content.slice(0, content.size - 1)]);
}

/** @param contents either of which may have been signed */
export function readPgpLines(lines: readonly string[], contents: readonly View[]): Reading {
  const { bytes, headers } = readArmoredSignature(`${lines.join('\n')}\n`);
  const { signatures, beside } = readPgpSignatures(bytes);
  const besides = [...beside, ...headers.map((header) => `armor header "${header.slice(0, 80)}"`)];
  const binary = signatures.filter(({ type }) => type === 0);
  const fits = (signature: PgpSignature): boolean => contents.some((content) => startFits(signature, pieces(content)));
  return {
    signer: signatures[0]?.signer ?? 'no one',
    besides,
    misfits: binary.every(fits) ? [] : ['the first bytes of its digest are not those of the content'],
    remarks: [binary.length > 0 ? twoBytes : 'its digest cannot be compared without the key'],
  };
}

export const twoBytes = 'of its digest only two bytes can be compared without the key';
