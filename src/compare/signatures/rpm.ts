/** The signature header of an RPM package. Its digests are checked, so that nothing of it is taken on trust. */
import { readPgpSignatures, startFits } from '../../format/pgp-signature.ts';
import { readRpmSignature, type RpmSignatureHeader, type RpmTag } from '../../format/rpm-signature.ts';
import type { SignatureDigest } from '../../platform/digest.ts';
import { pieces, type View } from '../../platform/view.ts';
import { digestView, regionOf } from './joined.ts';
import type { SignatureKind, SignaturePayload } from './types.ts';

/** DSA and RSA over the header; PGP and GPG over header and payload. */
const overHeader = new Set([267, 268]);
const overAll = new Set([1002, 1005]);

interface Findings {
  readonly payload: SignaturePayload[];
  readonly misfits: string[];
  signer: string;
}

/** What the tags are about. */
interface Subject {
  readonly header: View;
  readonly all: View;
  readonly tags: readonly RpmTag[];
  readonly ours: readonly RpmTag[];
}

export const rpm: SignatureKind = {
  transplant(released, rebuilt) {
    const [theirs, ours] = [readRpmSignature(released), readRpmSignature(rebuilt)];
    if (theirs === undefined || ours === undefined) return undefined;
    if (!theirs.tags.some(({ tag }) => overHeader.has(tag) || overAll.has(tag))) return undefined;
    const findings: Findings = { payload: [], misfits: [], signer: 'no one' };
    const subject = subjectOf(released, theirs, ours);
    for (const tag of theirs.tags) look(tag, subject, findings);
    const end = ours.at + ours.size;
    return {
      pieces: [
        rebuilt.slice(0, ours.at),
        released.slice(theirs.at, theirs.size),
        rebuilt.slice(end, rebuilt.size - end),
      ],
      signature: {
        kind: 'rpm',
        regions: [regionOf('signature header', released, theirs.at, theirs.size)],
        content: theirs.tags.some(({ tag }) => [269, 273].includes(tag)) ? 'fits' : 'not-checked',
        signer: findings.signer,
        remarks: [],
      },
      payload: findings.payload,
      misfits: findings.misfits,
    };
  },
};

function subjectOf(released: View, theirs: RpmSignatureHeader, ours: RpmSignatureHeader): Subject {
  const at = theirs.at + theirs.size;
  return {
    header: released.slice(at, theirs.payloadAt - at),
    all: released.slice(at, released.size - at),
    tags: theirs.tags,
    ours: ours.tags,
  };
}

function look(tag: RpmTag, subject: Subject, findings: Findings): void {
  if (overHeader.has(tag.tag)) return lookAtSignature(tag, subject.header, findings);
  if (overAll.has(tag.tag)) return lookAtSignature(tag, subject.all, findings);
  const expected = expectedOf(tag, subject);
  if (expected === undefined) findings.payload.push({ name: `tag ${tag.tag}`, at: tag.at, size: tag.value.length });
  else if (!expected.equals(tag.value)) findings.misfits.push(`tag ${tag.tag} of its signature header does not fit`);
}

function lookAtSignature(tag: RpmTag, content: View, findings: Findings): void {
  const { signatures, beside } = readPgpSignatures(tag.value);
  for (const name of beside)
    findings.payload.push({ name: `tag ${tag.tag}: ${name}`, at: tag.at, size: tag.value.length });
  for (const signature of signatures) {
    findings.signer = signature.signer;
    if (signature.type !== 0 || !startFits(signature, pieces(content))) {
      findings.misfits.push('the first bytes of its digest are not those of the package');
    }
  }
}

/** What a tag must hold; `undefined` for one that has no place there. */
function expectedOf({ tag, value }: RpmTag, { header, all, tags, ours }: Subject): Buffer | undefined {
  const text = (algorithm: SignatureDigest): Buffer =>
    Buffer.from(`${digestView(algorithm, [header]).toString('hex')}\0`);
  switch (tag) {
    case 62:
      return regionTrailer(tags.length);
    case 269:
      return text('sha1');
    case 273:
      return text('sha256');
    case 270:
      return number(all.size, 8);
    case 1000:
      return number(all.size, 4);
    case 1004:
      return digestView('md5', [all]);
    case 271:
    case 1007:
      // The size of the unpacked payload: what was built here says it too.
      return ours.find((own) => own.tag === tag)?.value;
    case 1008:
      return Buffer.alloc(value.length);
    default:
      return undefined;
  }
}

/** Points back over the whole index. */
function regionTrailer(count: number): Buffer {
  const bytes = Buffer.alloc(16);
  [62, 7, (-16 * count) >>> 0, 16].forEach((value, index) => bytes.writeUInt32BE(value, 4 * index));
  return bytes;
}

function number(value: number, size: 4 | 8): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes.subarray(8 - size);
}
