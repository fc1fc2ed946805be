/** Apple's code signature, at the end of `__LINKEDIT` of each program in a file. */
import { auditSignedData, signerOf } from '../../format/cms-audit.ts';
import { digestBytes, readSignedData } from '../../format/cms.ts';
import {
  hashOf,
  largestSignature,
  pagesFit,
  readCodeDirectory,
  readCodeSignature,
  slots,
  type CodeDirectory,
  type SignatureBlob,
} from '../../format/code-signature.ts';
import { readFirstDer } from '../../format/der.ts';
import { type FatSlice, isFat, readFat } from '../../format/mach-o-fat.ts';
import { bufferView, type View } from '../../platform/view.ts';
import { regionOf, zeros } from './joined.ts';
import { readMachO, signedCommands, type MachO } from './mach-o-fields.ts';
import type { SignatureKind, SignaturePayload, Transplant } from './types.ts';

export const machO: SignatureKind = {
  transplant(released, rebuilt) {
    return isFat(released) ? transplantFat(released, rebuilt) : transplantOne(released, rebuilt);
  },
};

function transplantOne(released: View, rebuilt: View): Transplant | undefined {
  const [theirs, ours] = [readMachO(released), readMachO(rebuilt)];
  if (theirs?.signature === undefined || ours === undefined) return undefined;
  const { at, size } = theirs.signature;
  if (size > largestSignature) return undefined;
  const findings = lookThrough(released, at, size);
  return {
    pieces: withSignature(rebuilt, ours, theirs, released.slice(at, size)),
    signature: {
      kind: 'mach-o',
      regions: [regionOf('code signature', released, at, size)],
      content: 'fits',
      ...(findings.signer === undefined ? {} : { signer: findings.signer }),
      remarks: findings.remarks,
    },
    payload: findings.payload,
    misfits: findings.misfits,
  };
}

/** It stands at the next multiple of 16 bytes; the segment that it lies in grows with it. */
function withSignature(rebuilt: View, ours: MachO, theirs: MachO, signature: View): View[] {
  const bare = rebuilt.slice(0, ours.signature?.at ?? rebuilt.size);
  const padding = zeros((16 - (bare.size % 16)) % 16);
  const end = bare.size + padding.size;
  const needed = end + signature.size - ours.linkedit.fileAt;
  const sizes = [ours.linkedit.memorySize, ...[0x1000, 0x4000].map((page) => Math.ceil(needed / page) * page)];
  // Pages are of 4 or 16 KiB by the signer's mind; another size is not taken.
  const memorySize = sizes.find((size) => size === theirs.linkedit.memorySize) ?? ours.linkedit.memorySize;
  const commands = signedCommands(rebuilt, ours, end, signature.size, memorySize);
  return [bufferView(commands), bare.slice(commands.length, bare.size - commands.length), padding, signature];
}

function transplantFat(released: View, rebuilt: View): Transplant | undefined {
  if (!isFat(rebuilt)) return undefined;
  const [theirs, ours] = [programsOf(released), programsOf(rebuilt)];
  if (theirs === undefined || ours?.length !== theirs.length) return undefined;
  const table = Buffer.alloc(8 + 20 * theirs.length);
  rebuilt.read(0, table.length).copy(table);
  const pieces: View[] = [];
  const moved: Transplant[] = [];
  const bare: string[] = [];
  let end = table.length;
  for (const [index, slice] of ours.entries()) {
    const other = theirs[index] as FatSlice;
    const mine = rebuilt.slice(slice.at, slice.size);
    const one = transplantOne(released.slice(other.at, other.size), mine);
    const at = Math.ceil(end / 2 ** slice.align) * 2 ** slice.align;
    const body = one?.pieces ?? [mine];
    const size = body.reduce((sum, piece) => sum + piece.size, 0);
    pieces.push(zeros(at - end), ...body);
    table.writeUInt32BE(at, 8 + 20 * index + 8);
    table.writeUInt32BE(size, 8 + 20 * index + 12);
    if (one === undefined) bare.push(`program ${index + 1} is not signed`);
    else moved.push(shifted(one, other.at, `program ${index + 1}: `));
    end = at + size;
  }
  return moved.length === 0 ? undefined : { ...joinedFindings(moved, bare), pieces: [bufferView(table), ...pieces] };
}

/** Undefined unless they follow each other to the end, in the order of the table. */
function programsOf(view: View): readonly FatSlice[] | undefined {
  const { wide, slices } = readFat(view);
  let end = 0;
  for (const { at, size } of slices) {
    if (at < end) return undefined;
    end = at + size;
  }
  return wide || end !== view.size ? undefined : slices;
}

/** CVE-2018-10470 and its like: each program is looked at, and one without signature is said. */
function joinedFindings(moved: readonly Transplant[], bare: readonly string[]): Omit<Transplant, 'pieces'> {
  const [first] = moved as readonly [Transplant];
  return {
    signature: {
      ...first.signature,
      regions: moved.flatMap(({ signature }) => signature.regions),
      remarks: [...new Set([...bare, ...moved.flatMap(({ signature }) => signature.remarks)])].slice(0, 20),
    },
    payload: moved.flatMap(({ payload }) => payload),
    misfits: moved.flatMap(({ misfits }) => misfits),
  };
}

function shifted(one: Transplant, by: number, name: string): Transplant {
  const move = <T extends { readonly name: string; readonly at: number }>(place: T): T => ({
    ...place,
    name: name + place.name,
    at: place.at + by,
  });
  return {
    ...one,
    signature: { ...one.signature, regions: one.signature.regions.map(move) },
    payload: one.payload.map(move),
  };
}

interface Findings {
  readonly payload: SignaturePayload[];
  readonly misfits: string[];
  readonly remarks: string[];
  signer?: string;
}

/** `Info.plist` and the resources are hashed, and lie in other files. */
const elsewhere = new Set([1, 3]);
/** Requirements, entitlements in two forms, and what may launch it: all of them hashed in the directory. */
const hashed = new Set([2, 5, 7, 8, 9, 10, 11]);
/** Bytes; a few KiB are usual. */
const largestBlob = 64 * 1024;

function lookThrough(released: View, at: number, size: number): Findings {
  const findings: Findings = { payload: [], misfits: [], remarks: [] };
  const { blobs, beside } = readCodeSignature(Buffer.from(released.read(at, size)));
  const note = (name: string, place: { at: number; size: number }): void =>
    void findings.payload.push({ name, at: at + place.at, size: place.size });
  for (const place of beside) note('between the blobs', place);
  const directories = blobs.filter(
    ({ slot }) => slot === 0 || (slot >= slots.alternates && slot < slots.alternates + 5),
  );
  if (!directories.some(({ slot }) => slot === 0)) findings.misfits.push('it has no code directory');
  for (const blob of directories) {
    const directory = readCodeDirectory(blob.bytes);
    for (const place of directory.beside) note('in the code directory', { at: blob.at + place.at, size: place.size });
    if (!pagesFit(directory, released.slice(0, at)))
      findings.misfits.push('its page hashes are not those of the program');
    requireSpecial(directory, blobs, note, blob, findings);
  }
  for (const blob of blobs) {
    const place = { at: blob.at, size: blob.bytes.length };
    if (blob.slot === slots.cms) auditCms(blob, directories, note, findings);
    else if (directories.includes(blob)) continue;
    else if (!hashed.has(blob.slot)) note(`blob 0x${blob.slot.toString(16)}`, place);
    else if (place.size > largestBlob) note(`blob 0x${blob.slot.toString(16)}, which is huge`, place);
    else if (blob.slot === slots.entitlements) findings.remarks.push('it grants the program entitlements');
  }
  if (findings.signer === undefined) findings.remarks.push('signed ad hoc, with no key');
  return findings;
}

type Note = (name: string, place: { readonly at: number; readonly size: number }) => void;

/** Each blob must be hashed, and each hash be of a blob. */
function requireSpecial(
  directory: CodeDirectory,
  blobs: readonly SignatureBlob[],
  note: Note,
  { at, bytes }: SignatureBlob,
  findings: Findings,
): void {
  for (const blob of blobs) {
    if (!hashed.has(blob.slot)) continue;
    const hash = directory.special[blob.slot - 1];
    if (hash === undefined || !hash.equals(hashOf(directory, bufferView(blob.bytes)))) {
      findings.misfits.push(`blob 0x${blob.slot.toString(16)} is not the one that was hashed`);
    }
  }
  directory.special.forEach((hash, index) => {
    const known = elsewhere.has(index + 1) || blobs.some(({ slot }) => slot === index + 1);
    if (!known && hash.some((byte) => byte !== 0))
      note(`a hash of nothing, in slot ${index + 1}`, { at, size: bytes.length });
  });
  if (directory.special.some((hash, index) => elsewhere.has(index + 1) && hash.some((byte) => byte !== 0))) {
    findings.remarks.push('it holds hashes of other files, which were not checked');
  }
}

/** Of the first directory; Apple writes it with lengths that are left open. */
function auditCms(blob: SignatureBlob, directories: readonly SignatureBlob[], note: Note, findings: Findings): void {
  const bytes = blob.bytes.subarray(8);
  if (bytes.length === 0) return;
  const root = readFirstDer(bytes, { indefinite: true });
  const start = blob.at + 8;
  const slack = bytes.subarray(root.bytes.length);
  if (slack.length > 0) note('after the signature', { at: start + root.bytes.length, size: slack.length });
  const data = readSignedData(root);
  if (data.content !== undefined)
    note('content of its own', { at: start + data.content.at, size: data.content.bytes.length });
  const primary = directories.find(({ slot }) => slot === 0)?.bytes ?? Buffer.alloc(0);
  const audit = auditSignedData(data, (algorithm) => digestBytes(algorithm, primary));
  for (const place of audit.beside) note(place.name, { at: start + place.at, size: place.size });
  if (audit.nested.length > 0) note('signatures in the signature', { at: start, size: bytes.length });
  findings.misfits.push(...audit.problems);
  findings.signer = signerOf(data) ?? 'unnamed';
}
