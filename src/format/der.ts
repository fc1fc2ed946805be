/**
 * DER (X.690), read so that there is one reading only: definite and shortest lengths, nothing after the
 * last element. With `indefinite`, the one form of BER that signers still write is read too.
 */
import { SamesourceError } from '../model/error.ts';

export interface DerNode {
  /** The identifier octet; tags above 30 do not occur in what is read here. */
  readonly tag: number;
  /** Offset of the identifier octet in the bytes that were given. */
  readonly at: number;
  /** The element with its header. */
  readonly bytes: Buffer;
  /** Without its header. */
  readonly body: Buffer;
  /** Empty for a primitive one. */
  readonly children: readonly DerNode[];
}

export const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const;

const limits = { bytes: 8 * 1024 * 1024, nodes: 200_000, depth: 48 };

interface Reader {
  readonly bytes: Buffer;
  readonly indefinite: boolean;
  nodes: number;
}

/** The element that the bytes begin with; what follows it is the caller's to judge. @throws SamesourceError `archive-unsafe` */
export function readFirstDer(bytes: Buffer, { indefinite = false } = {}): DerNode {
  if (bytes.length > limits.bytes) throw unsafe(`${bytes.length} bytes are too many`);
  return element({ bytes, indefinite, nodes: 0 }, 0, bytes.length, 0);
}

/** The element that the bytes are. @throws SamesourceError `archive-unsafe` */
export function readDer(bytes: Buffer, options: { readonly indefinite?: boolean } = {}): DerNode {
  const node = readFirstDer(bytes, options);
  if (node.bytes.length !== bytes.length) throw unsafe(`${bytes.length - node.bytes.length} bytes after the end`);
  return node;
}

function element(reader: Reader, at: number, limit: number, depth: number): DerNode {
  if (depth > limits.depth || ++reader.nodes > limits.nodes) throw unsafe('too deep or too many elements');
  const tag = byteAt(reader, at, limit);
  if ((tag & 0x1f) === 0x1f) throw unsafe(`a long tag at ${at}`);
  const constructed = (tag & 0x20) !== 0;
  if (byteAt(reader, at + 1, limit) === 0x80) return indefiniteElement(reader, at, limit, depth);
  const { length, start } = lengthAt(reader, at + 1, limit);
  const end = start + length;
  if (end > limit) throw unsafe(`the element at ${at} breaks off`);
  const children = constructed ? elements(reader, start, end, depth + 1) : [];
  return { tag, at, bytes: reader.bytes.subarray(at, end), body: reader.bytes.subarray(start, end), children };
}

function elements(reader: Reader, start: number, end: number, depth: number): DerNode[] {
  const found: DerNode[] = [];
  for (let at = start; at < end;) {
    const next = element(reader, at, end, depth);
    found.push(next);
    at += next.bytes.length;
  }
  return found;
}

/** X.690 8.1.3.6: up to two zero octets. */
function indefiniteElement(reader: Reader, at: number, limit: number, depth: number): DerNode {
  const tag = byteAt(reader, at, limit);
  if (!reader.indefinite || (tag & 0x20) === 0) throw unsafe(`a length without an end at ${at}`);
  const children: DerNode[] = [];
  let next = at + 2;
  while (byteAt(reader, next, limit) !== 0) {
    const child = element(reader, next, limit, depth + 1);
    children.push(child);
    next += child.bytes.length;
  }
  if (byteAt(reader, next + 1, limit) !== 0) throw unsafe(`no end at ${next}`);
  const { bytes } = reader;
  return { tag, at, bytes: bytes.subarray(at, next + 2), body: bytes.subarray(at + 2, next), children };
}

function lengthAt(reader: Reader, at: number, limit: number): { readonly length: number; readonly start: number } {
  const first = byteAt(reader, at, limit);
  if (first < 0x80) return { length: first, start: at + 1 };
  const count = first & 0x7f;
  if (count > 4 || at + 1 + count > limit) throw unsafe(`a length of ${count} bytes at ${at}`);
  const length = reader.bytes.readUIntBE(at + 1, count);
  const shortest = length < 0x80 ? 0 : Math.ceil((32 - Math.clz32(length)) / 8);
  if (shortest !== count) throw unsafe(`a length at ${at} that is longer than it need be`);
  return { length, start: at + 1 + count };
}

function byteAt(reader: Reader, at: number, limit: number): number {
  const byte = at < limit ? reader.bytes[at] : undefined;
  if (byte === undefined) throw unsafe(`an element breaks off at ${at}`);
  return byte;
}

/** The child at this place, of this tag. @throws SamesourceError `archive-unsafe` */
export function childOf(node: DerNode, index: number, tag?: number): DerNode {
  const child = node.children[index];
  if (child === undefined) throw unsafe(`the element at ${node.at} has no part ${index}`);
  if (tag !== undefined && child.tag !== tag) throw unsafe(`tag ${child.tag} instead of ${tag} at ${child.at}`);
  return child;
}

/** In dots. @throws SamesourceError `archive-unsafe` */
export function oidOf(node: DerNode): string {
  if (node.tag !== tags.oid || node.body.length === 0 || node.body.length > 32) throw unsafe(`no OID at ${node.at}`);
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of node.body) {
    arc = arc * 128 + (byte & 0x7f);
    if (arc > 2 ** 45) throw unsafe(`an OID without bounds at ${node.at}`);
    if ((byte & 0x80) !== 0) continue;
    arcs.push(arc);
    arc = 0;
  }
  if (((node.body.at(-1) ?? 0x80) & 0x80) !== 0) throw unsafe(`an OID breaks off at ${node.at}`);
  const [first = 0, ...rest] = arcs;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - 40 * top, ...rest].join('.');
}

/** The value of an octet string, joined if it comes in parts (X.690 8.7.3, BER only). @throws SamesourceError `archive-unsafe` */
export function octetsOf(node: DerNode): Buffer {
  if (node.tag === tags.octetString) return node.body;
  if (node.tag !== (tags.octetString | 0x20)) throw unsafe(`no octet string at ${node.at}`);
  return Buffer.concat(node.children.map(octetsOf));
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `der: ${what}`);
}
