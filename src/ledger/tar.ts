/** Tar: POSIX ustar and pax (IEEE Std 1003.1-2017, pax), GNU long names, and the one before them. */
import { SamesourceError } from '../model/error.ts';
import { isoTime } from '../format/iso-time.ts';
import { tarEntries, type TarEntries } from '../format/tar-entries.ts';
import {
  isZeroed,
  parseTarHeader,
  tarBlock,
  tarNumber,
  tarSum,
  type RawTarHeader,
  type TarType,
} from '../format/tar-header.ts';
import type { TarEntry } from '../format/tar.ts';
import { isZero, startOf, type View } from '../platform/view.ts';
import { coverOf, unsafe, type Cover } from './cover.ts';
import { leniently, memberKeys } from './member-key.ts';
import { headerParts, requirePlainHeader } from './tar-header.ts';
import { coverExtended, type Extended } from './tar-extended.ts';
import type { Format, Member, Workshop } from './types.ts';

export const tar: Format = {
  recognises(view) {
    if (view.size < tarBlock) return false;
    const header = startOf(view, tarBlock);
    if (isZeroed(header)) return false;
    try {
      return tarNumber(header, 'chksum') === tarSum(header);
    } catch {
      return false;
    }
  },
  read(view, workshop) {
    const cover = coverOf('tar', view);
    const members = readEntries(view, cover, workshop);
    return { format: 'tar', regions: cover.finish(), members, facts: {} };
  },
};

function readEntries(view: View, cover: Cover, workshop: Workshop): Member[] {
  const members: Member[] = [];
  const entries = tarEntries(leniently);
  const keys = memberKeys('tar');
  const extended = coverExtended(view, cover);
  let at = 0;
  for (;;) {
    const header = readBlock(view, at);
    if (isZeroed(header)) break;
    const raw = readHeader(header, at);
    const end = at + tarBlock;
    if (entries.isMeta(raw)) {
      at = extended.take(readMeta(view, raw, at, entries));
      continue;
    }
    const entry = entries.entry(raw);
    workshop.count(1);
    const key = keys.take(entry.path);
    extended.flush(key);
    coverHeader(view, cover, at, key);
    const next = coverContent(view, cover, end, entry.size, key);
    members.push(memberOf(view, key, entry, end, header));
    at = next;
  }
  if (entries.waiting || extended.waiting) throw unsafe('tar', `the archive breaks off at ${at}`);
  coverEnd(view, cover, at);
  return members;
}

function readBlock(view: View, at: number): Buffer {
  if (at === view.size) throw unsafe('tar', 'the archive has no end mark');
  if (at + tarBlock > view.size) throw unsafe('tar', `the block at ${at} breaks off`);
  return view.read(at, tarBlock);
}

function readHeader(header: Buffer, at: number): RawTarHeader {
  const raw = parseTarHeader(header, leniently);
  requirePlainHeader(header, at);
  if ('SMDNV'.includes(raw.flag)) {
    throw new SamesourceError('unsupported', `tar: entries of type "${raw.flag}" cannot be read yet`);
  }
  return raw;
}

function readMeta(view: View, { flag, size }: RawTarHeader, at: number, entries: TarEntries): Extended {
  const content = at + tarBlock;
  if (content + size > view.size) throw unsafe('tar', `the extended header at ${at} breaks off`);
  const records = entries.meta(flag, view.read(content, size));
  return { flag, at, size, records };
}

function coverHeader(view: View, cover: Cover, at: number, member: string): void {
  const parts = () => headerParts(view.read(at, tarBlock), at, member, '');
  cover.add(at, tarBlock, 'structure', 'header', { member, parts });
}

/** Gives where the next header is. */
function coverContent(view: View, cover: Cover, at: number, size: number, member: string): number {
  const end = at + size;
  if (end > view.size) throw unsafe('tar', `${member} breaks off`);
  cover.add(at, size, 'content', 'content', { member });
  const padding = (tarBlock - (size % tarBlock)) % tarBlock;
  cover.pad(end, padding, 'content padding', { member, filler: true });
  return end + padding;
}

/** Two zero blocks by the letter, one by custom, and as many as fill the last record. */
function coverEnd(view: View, cover: Cover, at: number): void {
  const size = view.size - at;
  if (size % tarBlock !== 0) throw unsafe('tar', `${size % tarBlock} bytes after the last block`);
  if (!isZero(view, at, size)) throw unsafe('tar', `bytes after the end of the archive at ${at}`);
  cover.add(at, size, 'padding', 'end of archive');
}

function memberOf(
  view: View,
  key: string,
  entry: TarEntry & { readonly pax: ReadonlyMap<string, string> },
  at: number,
  header: Buffer,
): Member {
  const { type, size } = entry;
  return {
    key,
    type,
    fields: fieldsOf(entry, header),
    size,
    ...(type === 'file' && size > 0 ? { stored: { at, size } } : {}),
    plain: true,
    open: async () => view.slice(at, size),
  };
}

const devices: readonly TarType[] = ['character', 'block'];

function fieldsOf(
  entry: TarEntry & { readonly pax: ReadonlyMap<string, string> },
  header: Buffer,
): Record<string, string> {
  const fraction = /\.(\d*?)0*$/.exec(entry.pax.get('mtime') ?? '')?.[1];
  const fields: Record<string, string> = {
    mode: entry.mode.toString(8).padStart(4, '0'),
    mtime: isoTime(entry.mtime, entry.mtime < 0 ? '' : fraction),
    owner: `${entry.uid}:${entry.gid}`,
    names: `${entry.uname}:${entry.gname}`,
  };
  if (entry.link !== '') fields['link'] = entry.link;
  if (devices.includes(entry.type)) {
    fields['device'] = `${tarNumber(header, 'devmajor')}:${tarNumber(header, 'devminor')}`;
  }
  return fields;
}
