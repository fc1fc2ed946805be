/** Puts the signature of one zip file into another; every offset that follows is computed. */
import { bufferView, isZero, type View } from '../../platform/view.ts';
import { zeros } from './joined.ts';
import { signatureEntries } from './jar-files.ts';
import type { ZipPart, ZipParts } from './zip-parts.ts';
import { SamesourceError } from '../../model/error.ts';

export interface ZipPair {
  readonly released: View;
  readonly rebuilt: View;
  readonly theirs: ZipParts;
  readonly ours: ZipParts;
  /** The released entries that are the signature. */
  readonly signed: readonly ZipPart[];
  readonly block: { readonly at: number; readonly size: number } | undefined;
}

/** An entry of the result: a signature's from the released file, any other from ours. */
interface Chosen {
  readonly view: View;
  readonly entry: ZipPart;
}

/** The rebuilt file with the released signature in it, in pieces. @throws SamesourceError `archive-unsafe` */
export function assembleZip(pair: ZipPair): View[] {
  const { released, rebuilt, theirs, ours, signed, block } = pair;
  const isSignature = new Set(signed);
  const own = signatureEntries(ours);
  const dropped = new Set(
    own.length > 0 ? own : ours.entries.filter(({ name }) => signed.some((one) => one.name === name)),
  );
  const choose = (order: readonly ZipPart[], mine: readonly ZipPart[]): Chosen[] => {
    const wanted = order.filter((entry) => !isSignature.has(entry));
    const left = inOrderOf(
      wanted,
      mine.filter((entry) => !dropped.has(entry)),
    )[Symbol.iterator]();
    const chosen: Chosen[] = [];
    for (const entry of order) {
      if (isSignature.has(entry)) chosen.push({ view: released, entry });
      else {
        const next = left.next();
        if (next.done !== true) chosen.push({ view: rebuilt, entry: next.value });
      }
    }
    return [...chosen, ...[...left].map((entry) => ({ view: rebuilt, entry }))];
  };

  const records = layOut(choose(theirs.entries, ours.entries));
  const gap = zeros(gapBefore(pair, records.end));
  const directory = choose(theirs.listed, ours.listed).map((chosen) => headerAt(chosen, records.starts));
  const directorySize = directory.reduce((sum, { length }) => sum + length, 0);
  const blockView = block === undefined ? zeros(0) : released.slice(block.at, block.size);
  const directoryAt = records.end + gap.size + blockView.size;
  const end = Buffer.from(rebuilt.read(ours.endAt, rebuilt.size - ours.endAt));
  for (const field of [8, 10]) end.writeUInt16LE(directory.length, field);
  end.writeUInt32LE(directorySize, 12);
  end.writeUInt32LE(directoryAt, 16);
  return [...records.pieces, gap, blockView, bufferView(Buffer.concat([...directory, end]))];
}

/** `jarsigner` brings what is in META-INF to the front; there is no other order that a signer makes. */
function inOrderOf(wanted: readonly ZipPart[], mine: readonly ZipPart[]): readonly ZipPart[] {
  const isMeta = ({ name }: ZipPart): boolean => name.toUpperCase().startsWith('META-INF/');
  const moved = [...mine.filter(isMeta), ...mine.filter((entry) => !isMeta(entry))];
  const fits = (order: readonly ZipPart[]): boolean => order.every(({ name }, index) => name === wanted[index]?.name);
  return !fits(mine) && fits(moved) ? moved : mine;
}

interface Records {
  readonly pieces: View[];
  readonly starts: ReadonlyMap<ZipPart, number>;
  readonly end: number;
}

function layOut(chosen: readonly Chosen[]): Records {
  const starts = new Map<ZipPart, number>();
  const pieces: View[] = [];
  let end = 0;
  for (const { view, entry } of chosen) {
    starts.set(entry, end);
    const record = aligned(view, entry, end);
    pieces.push(...record);
    for (const { size } of record) end += size;
  }
  return { pieces, starts, end };
}

/**
 * Stored data stays at a multiple of what its extra field 0xd935 names, if it was there before; that
 * field is then written anew, as signers do who move an entry.
 */
function aligned(view: View, entry: ZipPart, at: number): View[] {
  const record = view.slice(entry.at, entry.size);
  const multiple = alignmentOf(entry);
  if (multiple <= 1 || entry.at % multiple === at % multiple || entry.data.at % multiple !== 0) return [record];
  const kept = otherFields(entry.localExtra);
  const headerSize = entry.data.at - entry.at - entry.localExtra.length;
  const pad = (multiple - ((at + headerSize + kept.length + 6) % multiple)) % multiple;
  const field = Buffer.alloc(6 + pad);
  field.writeUInt16LE(alignment, 0);
  field.writeUInt16LE(2 + pad, 2);
  field.writeUInt16LE(multiple, 4);
  const extra = Buffer.concat([kept, field]);
  const header = Buffer.from(record.read(0, headerSize));
  header.writeUInt16LE(extra.length, 28);
  const dataAt = entry.data.at - entry.at;
  return [bufferView(Buffer.concat([header, extra])), record.slice(dataAt, record.size - dataAt)];
}

const alignment = 0xd935;

function alignmentOf({ localExtra }: ZipPart): number {
  for (const { id, bytes } of fieldsOf(localExtra)) {
    if (id === alignment && bytes.length >= 6) return bytes.readUInt16LE(4);
  }
  return 1;
}

function otherFields(extra: Buffer): Buffer {
  return Buffer.concat([...fieldsOf(extra)].filter(({ id }) => id !== alignment && id !== 0).map(({ bytes }) => bytes));
}

function* fieldsOf(extra: Buffer): Generator<{ id: number; bytes: Buffer }> {
  for (let at = 0; at + 4 <= extra.length;) {
    const length = 4 + extra.readUInt16LE(at + 2);
    if (at + length > extra.length) return;
    yield { id: extra.readUInt16LE(at), bytes: extra.subarray(at, at + length) };
    at += length;
  }
}

function headerAt({ view, entry }: Chosen, starts: ReadonlyMap<ZipPart, number>): Buffer {
  const header = Buffer.from(view.read(entry.central.at, entry.central.size));
  header.writeUInt32LE(starts.get(entry) ?? 0, 42);
  return header;
}

const page = 4096;

/** A signer may bring the block to a page's start, with zeros. */
function gapBefore({ released, theirs, block }: ZipPair, end: number): number {
  const stop = block?.at ?? theirs.directoryAt;
  const size = stop - theirs.entriesEnd;
  if (size === 0) return 0;
  if (block === undefined || size >= page || stop % page !== 0 || !isZero(released, theirs.entriesEnd, size)) {
    throw new SamesourceError('archive-unsafe', `zip: ${size} bytes at ${theirs.entriesEnd} that belong to nothing`);
  }
  return (page - (end % page)) % page;
}
