/**
 * Signed data of CMS (RFC 5652) and PKCS #7, as signed files hold it: read strictly, and looked through
 * for anything that is not part of a signature. No key is trusted and no signature verified here.
 */
import { SamesourceError } from '../model/error.ts';
import { digestStream, type SignatureDigest } from '../platform/digest.ts';
import { childOf, octetsOf, oidOf, readDer, tags, type DerNode } from './der.ts';

export interface Attribute {
  readonly oid: string;
  readonly values: readonly DerNode[];
  readonly node: DerNode;
}

export interface SignerInfo {
  readonly id: DerNode;
  readonly digest: SignatureDigest;
  readonly signed: readonly Attribute[];
  readonly unsigned: readonly Attribute[];
  readonly signature: Buffer;
  readonly node: DerNode;
}

export interface Certificate {
  readonly node: DerNode;
  readonly serial: Buffer;
  /** DER of the names, which is what they are matched by. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** The common name or, without one, the organisation; at most 200 characters. Untrusted. */
  readonly name: string | undefined;
}

export interface SignedData {
  readonly contentType: string;
  /** Absent where the content is elsewhere. */
  readonly content?: DerNode;
  readonly certificates: readonly Certificate[];
  readonly signers: readonly SignerInfo[];
  /** What stands in it beside these parts. */
  readonly beside: readonly DerNode[];
}

const signedDataType = '1.2.840.113549.1.7.2';
const most = { certificates: 64, signers: 16, attributes: 64 };

/** @throws SamesourceError `archive-unsafe` */
export function readSignedData(root: DerNode): SignedData {
  requireTag(root, tags.sequence);
  if (oidOf(childOf(root, 0)) !== signedDataType || root.children.length !== 2) throw unsafe('not signed data');
  const outer = childOf(root, 1, 0xa0);
  const body = childOf(outer, 0, tags.sequence);
  if (outer.children.length !== 1) throw unsafe('more than one content');
  const algorithms = childOf(body, 1, tags.set);
  const frame = childOf(body, 2, tags.sequence);
  const rest = body.children.slice(3);
  const certificates = rest[0]?.tag === 0xa0 ? rest.shift()?.children : [];
  const lists = rest[0]?.tag === 0xa1 ? [rest.shift() as DerNode] : [];
  const [signers] = rest;
  if (rest.length !== 1 || signers?.tag !== tags.set) throw unsafe('no set of signers');
  requireCount('certificates', certificates?.length ?? 0, most.certificates);
  requireCount('signers', signers.children.length, most.signers);
  requireTag(childOf(body, 0), tags.integer);
  return {
    ...contentOf(frame),
    certificates: (certificates ?? []).map(readCertificate),
    signers: signers.children.map(readSigner),
    beside: [...lists, ...algorithms.children.filter((node) => !isPlainAlgorithm(node))],
  };
}

function contentOf(frame: DerNode): { contentType: string; content?: DerNode } {
  const contentType = oidOf(childOf(frame, 0));
  if (frame.children.length === 1) return { contentType };
  const wrapped = childOf(frame, 1, 0xa0);
  if (frame.children.length !== 2 || wrapped.children.length !== 1) throw unsafe('more than one content');
  return { contentType, content: childOf(wrapped, 0) };
}

/** RFC 5652 5.3. @throws SamesourceError `archive-unsafe` */
export function readSigner(node: DerNode): SignerInfo {
  requireTag(node, tags.sequence);
  requireTag(childOf(node, 0), tags.integer);
  const rest = node.children.slice(1);
  const id = rest.shift();
  const digest = rest.shift();
  const signed = rest[0]?.tag === 0xa0 ? rest.shift() : undefined;
  const [algorithm, signature, unsigned] = rest;
  if (id === undefined || digest === undefined || algorithm === undefined || signature === undefined) {
    throw unsafe('a signer breaks off');
  }
  if (rest.length > 3 || (unsigned !== undefined && unsigned.tag !== 0xa1)) throw unsafe('a signer with other parts');
  if (algorithm.bytes.length > 160) throw unsafe(`a signature algorithm of ${algorithm.bytes.length} bytes`);
  return {
    id,
    digest: digestNamed(digest),
    signed: attributesOf(signed),
    unsigned: attributesOf(unsigned),
    signature: octetsOf(signature),
    node,
  };
}

function attributesOf(set: DerNode | undefined): Attribute[] {
  const nodes = set?.children ?? [];
  requireCount('attributes', nodes.length, most.attributes);
  return nodes.map((node) => {
    if (node.tag !== tags.sequence || node.children.length !== 2) throw unsafe(`no attribute at ${node.at}`);
    return { oid: oidOf(childOf(node, 0)), values: childOf(node, 1, tags.set).children, node };
  });
}

/** RFC 5280 4.1. @throws SamesourceError `archive-unsafe` */
export function readCertificate(node: DerNode): Certificate {
  requireTag(node, tags.sequence);
  if (node.children.length !== 3) throw unsafe(`no certificate at ${node.at}`);
  const fields = [...childOf(node, 0, tags.sequence).children];
  if (fields[0]?.tag === 0xa0) fields.shift();
  const [serial, , issuer, , subject] = fields;
  if (serial === undefined || issuer === undefined || subject === undefined) throw unsafe('a certificate breaks off');
  return { node, serial: serial.body, issuer: issuer.bytes, subject: subject.bytes, name: nameOf(subject) };
}

/** 2.5.4.3 is the common name, 2.5.4.10 the organisation. */
function nameOf(subject: DerNode): string | undefined {
  const parts = subject.children.flatMap(({ children }) => children).filter(({ children }) => children.length === 2);
  for (const wanted of ['2.5.4.3', '2.5.4.10']) {
    const found = parts.find((part) => oidOf(childOf(part, 0)) === wanted);
    if (found !== undefined) return textOf(childOf(found, 1)).slice(0, 200);
  }
  return undefined;
}

function textOf({ tag, body }: DerNode): string {
  if (tag !== 0x1e || body.length % 2 !== 0) return body.toString('utf8');
  return Buffer.from(body).swap16().toString('utf16le');
}

/** Whether a signer, named as RFC 5652 5.3 does, is the subject of this certificate. */
export function isNamed(id: DerNode, { issuer, serial, node }: Certificate): boolean {
  if (id.tag !== tags.sequence) return node.bytes.includes(id.body) && id.body.length >= 16;
  return childOf(id, 0).bytes.equals(issuer) && childOf(id, 1, tags.integer).body.equals(serial);
}

const digestNames: Readonly<Record<string, SignatureDigest>> = {
  '1.2.840.113549.2.5': 'md5',
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** The digest that an AlgorithmIdentifier names. @throws SamesourceError `archive-unsafe` */
export function digestNamed(node: DerNode): SignatureDigest {
  const name = isPlainAlgorithm(node) ? digestNames[oidOf(childOf(node, 0))] : undefined;
  if (name === undefined) throw unsafe(`an unknown digest at ${node.at}`);
  return name;
}

function isPlainAlgorithm({ tag, children }: DerNode): boolean {
  const [oid, parameters] = children;
  if (tag !== tags.sequence || oid?.tag !== tags.oid || children.length > 2) return false;
  return parameters === undefined || (parameters.tag === tags.null && parameters.body.length === 0);
}

/** @throws SamesourceError `archive-unsafe` */
export function parseSignedData(bytes: Buffer): SignedData {
  return readSignedData(readDer(bytes));
}

/** The digest of the content as RFC 5652 5.4 wants it: without the header of the element. */
export function contentDigest({ content }: SignedData): (algorithm: SignatureDigest) => Buffer {
  if (content === undefined) throw unsafe('signed data without content');
  const bytes = content.tag === tags.sequence ? content.body : octetsOf(content);
  return (algorithm) => digestBytes(algorithm, bytes);
}

export function digestBytes(algorithm: SignatureDigest, bytes: Buffer): Buffer {
  const stream = digestStream(algorithm);
  stream.update(bytes);
  return stream.digest();
}

function requireTag(node: DerNode, tag: number): void {
  if (node.tag !== tag) throw unsafe(`tag ${node.tag} instead of ${tag} at ${node.at}`);
}

function requireCount(what: string, count: number, limit: number): void {
  if (count > limit) throw unsafe(`${count} ${what}`);
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `cms: ${what}`);
}
