/** Gzip (RFC 1952): exactly one member, and nothing after it. */
import { crc32 } from 'node:zlib';
import { SamesourceError } from '../model/error.ts';
import { isoTime } from '../format/iso-time.ts';
import { inflateRaw } from '../format/inflate.ts';
import { startOf, type View } from '../platform/view.ts';
import { coverOf, unsafe, type Cover } from './cover.ts';
import { leniently } from './member-key.ts';
import { onlyMember } from './only-member.ts';
import type { Format } from './types.ts';

const trailer = 8;

export const gzip: Format = {
  recognises: (view) => view.size >= 10 && startOf(view, 3).toString('hex') === '1f8b08',
  async read(view, workshop) {
    const cover = coverOf('gzip', view);
    const { at, fields } = coverHeader(view, cover);
    const end = view.size - trailer;
    if (at > end) throw unsafe('gzip', 'the file breaks off');
    const packed = view.slice(at, end - at);
    const sums = { crc: 0, size: 0 };
    const content = await workshop.keep(summed(inflateRaw('gzip', packed, requireEnd(view, at)), sums), packed.size);
    requireSums(view.read(end, trailer), sums);
    cover.add(at, packed.size, 'content', 'content');
    cover.add(end, 4, 'derived', 'crc32');
    cover.add(end + 4, 4, 'derived', 'size', { value: String(sums.size) });
    const members = [onlyMember(content, fields, { at, size: packed.size })];
    return { format: 'gzip', regions: cover.finish(), members, facts: {} };
  },
};

const flags = { crc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;
/** Names and comments have no limit of their own. */
const longest = 64 * 1024;
const systems = ['FAT', 'Amiga', 'VMS', 'Unix', 'VM/CMS', 'Atari TOS', 'HPFS', 'Macintosh', 'Z-System', 'CP/M'];
const moreSystems = ['TOPS-20', 'NTFS', 'QDOS', 'Acorn RISCOS'];

/** 2.3.1 */
function coverHeader(view: View, cover: Cover): { readonly at: number; readonly fields: Record<string, string> } {
  requireInside(view, 0, 10);
  const start = view.read(0, 10);
  const flag = start.readUInt8(3);
  const seconds = start.readUInt32LE(4);
  const system = start.readUInt8(9);
  if ((flag & flags.reserved) !== 0) throw unsafe('gzip', `reserved flags are set: ${flag}`);
  cover.add(0, 2, 'structure', 'magic');
  cover.add(2, 1, 'structure', 'method', { value: 'deflate' });
  cover.add(3, 1, 'structure', 'flags', { value: String(flag) });
  cover.add(4, 4, 'metadata', 'mtime', { value: seconds === 0 ? 'none' : isoTime(seconds) });
  cover.add(8, 1, 'metadata', 'compression flags', { value: effort(start.readUInt8(8)) });
  cover.add(9, 1, 'metadata', 'os', { value: [...systems, ...moreSystems][system] ?? String(system) });
  const fields: Record<string, string> = seconds === 0 ? {} : { mtime: isoTime(seconds) };
  let at = 10;
  if ((flag & flags.extra) !== 0) at = coverExtra(view, cover, at);
  for (const field of ['name', 'comment'] as const) {
    if ((flag & flags[field]) === 0) continue;
    const bytes = untilZero(view, at, field);
    fields[field] = leniently(bytes).slice(0, 200);
    cover.add(at, bytes.length + 1, 'metadata', field, { value: fields[field] });
    at += bytes.length + 1;
  }
  if ((flag & flags.crc) === 0) return { at, fields };
  requireInside(view, at, 2);
  const sum = crc32(view.read(0, at)) & 0xffff;
  if (view.read(at, 2).readUInt16LE() !== sum) throw unsafe('gzip', 'a header with a wrong check sum');
  cover.add(at, 2, 'derived', 'header crc');
  return { at: at + 2, fields };
}

function effort(value: number): string {
  if (value === 2) return 'slowest';
  return value === 4 ? 'fastest' : String(value);
}

/** 2.3.1.1. In bgzip's files a subfield says where the next of many members begins. */
function coverExtra(view: View, cover: Cover, at: number): number {
  requireInside(view, at, 2);
  const length = view.read(at, 2).readUInt16LE();
  requireInside(view, at + 2, length);
  const extra = view.read(at + 2, length);
  for (let done = 0; done < length;) {
    if (done + 4 > length) throw unsafe('gzip', 'an extra field that breaks off');
    if (extra.toString('latin1', done, done + 2) === 'BC') {
      throw new SamesourceError('unsupported', 'gzip: files of bgzip cannot be read yet');
    }
    done += 4 + extra.readUInt16LE(done + 2);
    if (done > length) throw unsafe('gzip', 'an extra field that breaks off');
  }
  cover.add(at, 2 + length, 'metadata', 'extra');
  return at + 2 + length;
}

function untilZero(view: View, at: number, field: string): Buffer {
  requireInside(view, at, 1);
  const bytes = view.read(at, Math.min(longest, view.size - at));
  const end = bytes.indexOf(0);
  if (end === -1) throw unsafe('gzip', `a ${field} without an end`);
  return bytes.subarray(0, end);
}

function requireInside(view: View, at: number, size: number): void {
  if (at + size > view.size) throw unsafe('gzip', 'the header breaks off');
}

/** What readers make of bytes behind the member differs: another member, padding, or an error. */
function requireEnd(view: View, at: number): (used: number) => void {
  return (used) => {
    const end = at + used + trailer;
    const rest = view.size - end;
    if (rest === 0) return;
    const next = view.read(end, Math.min(2, rest)).toString('hex') === '1f8b' ? ': another member' : '';
    throw unsafe('gzip', `${rest} bytes after the end, at ${end}${next}`);
  };
}

async function* summed(
  chunks: AsyncIterable<Uint8Array>,
  sums: { crc: number; size: number },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    sums.crc = crc32(chunk, sums.crc);
    sums.size += chunk.length;
    yield chunk;
  }
}

function requireSums(bytes: Buffer, { crc, size }: { readonly crc: number; readonly size: number }): void {
  if (bytes.readUInt32LE(0) !== crc) throw unsafe('gzip', 'a wrong check sum');
  if (bytes.readUInt32LE(4) !== size % 2 ** 32) throw unsafe('gzip', 'a wrong size');
}
