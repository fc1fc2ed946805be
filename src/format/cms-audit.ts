/** What in signed data is a signature, and what only lies there. */
import type { SignatureDigest } from '../platform/digest.ts';
import {
  contentDigest,
  digestBytes,
  digestNamed,
  isNamed,
  readSignedData,
  readSigner,
  type Attribute,
  type Certificate,
  type SignedData,
  type SignerInfo,
} from './cms.ts';
import { childOf, octetsOf, readDer, tags, type DerNode } from './der.ts';

export interface Audit {
  /** Signatures in an attribute, each of the same content. */
  readonly nested: readonly SignedData[];
  /** What is no part of the signature; offsets as in the bytes that were read. */
  readonly beside: readonly { readonly name: string; readonly at: number; readonly size: number }[];
  /** Why the signature is not one of this content. */
  readonly problems: readonly string[];
}

interface Notes {
  readonly nested: SignedData[];
  readonly beside: { name: string; at: number; size: number }[];
  readonly problems: string[];
}

const messageDigest = '1.2.840.113549.1.9.4';
const countersignature = '1.2.840.113549.1.9.6';
const timestamps = ['1.3.6.1.4.1.311.3.3.1', '1.2.840.113549.1.9.16.2.14'];
const nestedSignature = '1.3.6.1.4.1.311.2.4.1';

/** RFC 5652 11, RFC 2985 (a sequence number), RFC 5035, RFC 6211, RFC 8551, Authenticode and Apple's code directory hashes. */
const signedAttributes = new Set([
  '1.2.840.113549.1.9.3',
  messageDigest,
  '1.2.840.113549.1.9.5',
  '1.2.840.113549.1.9.15',
  '1.2.840.113549.1.9.25.4',
  '1.2.840.113549.1.9.16.2.12',
  '1.2.840.113549.1.9.16.2.47',
  '1.2.840.113549.1.9.52',
  '1.3.6.1.4.1.311.2.1.11',
  '1.3.6.1.4.1.311.2.1.12',
  '1.2.840.113635.100.9.1',
  '1.2.840.113635.100.9.2',
]);

/** More than these is not what a signer writes there. */
const most = { attribute: 4096, certificate: 16 * 1024, depth: 4 };

/** @param digest of the content that is signed */
export function auditSignedData(data: SignedData, digest: (algorithm: SignatureDigest) => Buffer, depth = 0): Audit {
  const notes: Notes = { nested: [], beside: [], problems: [] };
  if (depth > most.depth) return { ...notes, problems: ['signatures in signatures without end'] };
  for (const node of data.beside) note(notes, 'other parts of the signed data', node);
  if (data.signers.length === 0) notes.problems.push('it has no signer');
  const named: DerNode[] = [];
  for (const signer of data.signers) auditSigner(notes, signer, digest, depth, named);
  auditCertificates(notes, data.certificates, named);
  return notes;
}

function auditSigner(
  notes: Notes,
  signer: SignerInfo,
  digest: (algorithm: SignatureDigest) => Buffer,
  depth: number,
  named: DerNode[],
): void {
  named.push(signer.id);
  requireDigest(notes, signer, digest);
  for (const attribute of signer.signed) {
    const known = signedAttributes.has(attribute.oid) && attribute.node.bytes.length <= most.attribute;
    if (!known) note(notes, `signed attribute ${attribute.oid}`, attribute.node);
  }
  requireOnce(notes, signer.signed);
  for (const attribute of signer.unsigned) auditUnsigned(notes, signer, attribute, depth, named);
}

/** RFC 5652 5.3: each attribute once. */
function requireOnce(notes: Notes, attributes: readonly Attribute[]): void {
  const seen = new Set<string>();
  for (const { oid, values, node } of attributes) {
    if (seen.has(oid) || values.length !== 1) note(notes, `signed attribute ${oid} again`, node);
    seen.add(oid);
  }
}

function requireDigest(notes: Notes, signer: SignerInfo, digest: (algorithm: SignatureDigest) => Buffer): void {
  // Without attributes the content itself is signed, and no digest of it is written down.
  if (signer.signed.length === 0) return;
  const value = signer.signed.find(({ oid }) => oid === messageDigest)?.values[0];
  if (value === undefined || !octetsOf(value).equals(digest(signer.digest))) {
    notes.problems.push(`its ${signer.digest} is not that of what is signed`);
  }
}

function auditUnsigned(notes: Notes, signer: SignerInfo, attribute: Attribute, depth: number, named: DerNode[]): void {
  const { oid, values, node } = attribute;
  const signatureDigest = (algorithm: SignatureDigest): Buffer => digestBytes(algorithm, signer.signature);
  if (oid === countersignature) {
    for (const value of values) auditSigner(notes, readSigner(value), signatureDigest, depth + 1, named);
  } else if (timestamps.includes(oid)) {
    for (const value of values) auditTimestamp(notes, readSignedData(value), signatureDigest, depth + 1);
  } else if (oid === nestedSignature) {
    notes.nested.push(...values.map(readSignedData));
  } else {
    note(notes, `unsigned attribute ${oid}`, node);
  }
}

/** RFC 3161 2.4.2: the content names the digest of the signature that is stamped. */
function auditTimestamp(
  notes: Notes,
  stamp: SignedData,
  signatureDigest: (algorithm: SignatureDigest) => Buffer,
  depth: number,
): void {
  const audit = auditSignedData(stamp, contentDigest(stamp), depth);
  notes.beside.push(...audit.beside);
  notes.problems.push(...audit.problems.map((problem) => `time stamp: ${problem}`));
  for (const signed of audit.nested) {
    for (const { node } of signed.signers) note(notes, 'a signature in a time stamp', node);
  }
  if (stamp.content === undefined) return;
  const imprint = childOf(readDer(octetsOf(stamp.content)), 2, tags.sequence);
  const stamped = signatureDigest(digestNamed(childOf(imprint, 0)));
  if (!octetsOf(childOf(imprint, 1)).equals(stamped)) notes.problems.push('its time stamp is of something else');
}

/** Each certificate must lead from a signer to where its chain ends: others are only carried along. */
function auditCertificates(notes: Notes, certificates: readonly Certificate[], named: readonly DerNode[]): void {
  const used = new Set<Certificate>();
  for (const id of named) {
    const leaves = certificates.filter((certificate) => isNamed(id, certificate));
    // The same one twice is what OpenSSL's time stamps hold.
    const different = new Set(leaves.map(({ node }) => node.bytes.toString('latin1'))).size;
    if (different !== 1) notes.problems.push(`${different} certificates are the signer's`);
    leaves.forEach((leaf) => used.add(leaf));
  }
  // A set that grows while it is gone through: each certificate comes once.
  for (const { issuer } of used) {
    for (const other of certificates) if (other.subject.equals(issuer)) used.add(other);
  }
  for (const certificate of certificates) {
    if (!used.has(certificate)) note(notes, 'a certificate of no signer', certificate.node);
    else if (certificate.node.bytes.length > most.certificate) note(notes, 'a huge certificate', certificate.node);
  }
}

function note(notes: Notes, name: string, { at, bytes }: DerNode): void {
  notes.beside.push({ name, at, size: bytes.length });
}

/** Who signed, as the certificate of the first signer says. Untrusted. */
export function signerOf({ signers, certificates }: SignedData): string | undefined {
  const [first] = signers;
  return first && certificates.find((certificate) => isNamed(first.id, certificate))?.name;
}
