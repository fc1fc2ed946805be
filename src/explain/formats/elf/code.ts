/** Compares code whose addresses were moved: the same instructions, on the same things. */
import { decodeX86, emptyInstruction, type X86Instruction } from '../../../format/disassembly-x86.ts';
import { type Elf, fileTypes, machines, sectionFlags, wholeAddress } from '../../../format/elf.ts';
import type { Addresses, Match } from './addresses.ts';
import type { Image } from './image.ts';
import { readsSame } from './reordered.ts';

/** A range of a piece, from its start. `moved`: only addresses differ, by as much as their targets moved. */
export interface Range {
  readonly at: number;
  readonly size: number;
  readonly moved: boolean;
}

export interface CodeContext {
  readonly theirs: Image;
  readonly ours: Image;
  readonly addresses: Addresses;
  /** Is told of each place in our data that code refers to. */
  readonly refer: (address: number) => void;
}

/** Whether the addresses in code for this machine can be told from the rest. */
export function canDecode({ machine }: Elf): boolean {
  return machine === machines.x64 || machine === machines.x86;
}

interface Place {
  readonly theirs: number;
  readonly ours: number;
  readonly size: number;
}

/** Two runs of code of one size. Gives what differs, in order. */
export function compareCode(match: Match, place: Place, context: CodeContext): Range[] {
  const { theirs, ours } = context;
  const [a, b] = [theirs.bytes(match.theirs), ours.bytes(match.ours)];
  const differs = a.compare(b, place.ours, place.ours + place.size, place.theirs, place.theirs + place.size) !== 0;
  if (!differs && (context.addresses.still || !canDecode(ours.elf))) return [];
  if (!canDecode(ours.elf)) return unequalRanges(a, b, place);
  const wide = ours.elf.machine === machines.x64;
  const [left, right] = [emptyInstruction(), emptyInstruction()];
  const ranges: Range[] = [];
  for (let at = 0; at < place.size;) {
    const [i, j] = [place.theirs + at, place.ours + at];
    const known = decodeX86(b, j, place.ours + place.size, wide, right);
    const equal = known && isEqual(a, i, b, j, right.size);
    const ok = equal || (known && decodeX86(a, i, place.theirs + place.size, wide, left) && left.size === right.size);
    if (!ok) {
      // Data among code, or other instructions from here on; it goes on where both are in step again.
      const size = Math.min(Math.max(1, right.size), place.size - at);
      if (!isEqual(a, i, b, j, size)) add(ranges, at, size, false);
      at += size;
      continue;
    }
    const verdict = compareInstruction(match, { a, i, b, j, left: equal ? right : left, right, equal }, context);
    if (verdict !== 'equal') add(ranges, at, right.size, verdict === 'moved');
    at += right.size;
  }
  return ranges;
}

interface Twins {
  readonly a: Buffer;
  readonly i: number;
  readonly b: Buffer;
  readonly j: number;
  readonly left: X86Instruction;
  readonly right: X86Instruction;
  readonly equal: boolean;
}

function compareInstruction(match: Match, twins: Twins, context: CodeContext): 'equal' | 'moved' | 'changed' {
  const { i, j, left, right, equal } = twins;
  const { displacement, relative, immediate, immediateSize, branch, size } = right;
  const alike =
    left.displacement === displacement &&
    left.relative === relative &&
    left.immediate === immediate &&
    left.immediateSize === immediateSize;
  if (!alike) return equal ? 'equal' : 'changed';
  const own = { theirs: context.theirs.base(match.theirs) + i + size, ours: context.ours.base(match.ours) + j + size };
  const refers = displacement > 0 || (immediate > 0 && (immediateSize >= 4 || branch));
  if (equal && (!refers || context.ours.elf.type === fileTypes.relocatable)) return 'equal';
  const fields: Field[] = [];
  if (displacement > 0) fields.push({ at: displacement, size: 4, relative });
  if (immediate > 0 && (immediateSize >= 4 || branch)) {
    fields.push({ at: immediate, size: immediateSize, relative: branch });
  }
  if (!equal && !isEqualBut(twins, fields)) return 'changed';
  for (const field of fields) if (!sameField(twins, field, own, context)) return 'changed';
  return equal ? 'equal' : 'moved';
}

interface Field {
  readonly at: number;
  readonly size: number;
  readonly relative: boolean;
}

function sameField(
  { a, i, b, j, right }: Twins,
  { at, size, relative }: Field,
  own: { readonly theirs: number; readonly ours: number },
  context: CodeContext,
): boolean {
  const { theirs, ours, addresses, refer } = context;
  const equal = isEqual(a, i + at, b, j + at, size);
  if (relative) {
    const width = size === 1 ? 1 : 4;
    const target = own.ours + b.readIntLE(j + at, width);
    refer(target);
    const their = own.theirs + a.readIntLE(i + at, width);
    const reads = !right.branch && !right.takesAddress;
    if (reads && readsOther(addresses.within(target), their, target, context)) return false;
    // What points to nothing that is known may point to itself as before.
    return addresses.same(their, target) || (equal && addresses.within(target) === undefined);
  }
  // Code that may lie anywhere holds no addresses as they are.
  if (theirs.elf.type !== fileTypes.executable || ours.elf.type !== fileTypes.executable || size > 8) return equal;
  const target = read(b, j + at, size);
  const known = addresses.within(target) !== undefined;
  if (known) refer(target);
  return known ? addresses.same(read(a, i + at, size), target) : equal;
}

/** Where constants stand in another order, those that code reads are known by what they are. */
function readsOther(match: Match | undefined, their: number, our: number, { theirs, ours }: CodeContext): boolean {
  if (match?.reordered !== true || match.ours.flags % 2 === sectionFlags.write) return false;
  const place = { theirs: their - theirs.base(match.theirs), ours: our - ours.base(match.ours) };
  return !readsSame(match.pieces, theirs.bytes(match.theirs), ours.bytes(match.ours), place);
}

function read(bytes: Buffer, at: number, size: number): number {
  return size === 8 ? wholeAddress(bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)) : bytes.readUInt32LE(at);
}

function isEqual(a: Buffer, i: number, b: Buffer, j: number, size: number): boolean {
  for (let at = 0; at < size; at++) if (a[i + at] !== b[j + at]) return false;
  return true;
}

function isEqualBut({ a, i, b, j, right }: Twins, fields: readonly Field[]): boolean {
  for (let at = 0; at < right.size; at++) {
    if (a[i + at] !== b[j + at] && !fields.some((field) => at >= field.at && at < field.at + field.size)) return false;
  }
  return true;
}

function add(ranges: Range[], at: number, size: number, moved: boolean): void {
  const last = ranges.at(-1);
  if (last?.moved === moved && at - (last.at + last.size) < 8) {
    ranges[ranges.length - 1] = { at: last.at, size: at + size - last.at, moved };
  } else ranges.push({ at, size, moved });
}

function unequalRanges(a: Buffer, b: Buffer, { theirs, ours, size }: Place): Range[] {
  const ranges: Range[] = [];
  for (let at = 0; at < size; at++) if (a[theirs + at] !== b[ours + at]) add(ranges, at, 1, false);
  return ranges;
}

/** Whether bytes between functions are only there to fill: instructions that do nothing, traps, zeros. */
export function isFiller(bytes: Buffer, from: number, end: number): boolean {
  const one = emptyInstruction();
  for (let at = from; at < end;) {
    const byte = bytes[at] ?? 0;
    if (byte === 0 || byte === 0xcc || byte === 0x90) {
      at++;
      continue;
    }
    if (!decodeX86(bytes, at, end, true, one)) return false;
    const code = bytes.subarray(at, at + one.size).findIndex((prefix) => prefix !== 0x66 && prefix !== 0x2e);
    const first = bytes[at + code] ?? 0;
    if (first !== 0x90 && !(first === 0x0f && bytes[at + code + 1] === 0x1f)) return false;
    at += one.size;
  }
  return true;
}
