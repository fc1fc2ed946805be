/** The ar archive: Debian packages, deb(5), and static libraries of GNU, BSD, LLVM and Microsoft. */
import { SamesourceError } from '../model/error.ts';
import { arHeaderSize, arMagic, parseArHeader, type ArHeader } from '../format/ar.ts';
import { arNames, bsdName, type ArNames } from '../format/ar-names.ts';
import { isoTime } from '../format/iso-time.ts';
import { startOf, type View } from '../platform/view.ts';
import type { Region } from '../model/region.ts';
import { coverOf, unsafe, type Cover } from './cover.ts';
import { clipped } from './layout.ts';
import { leniently } from './member-key.ts';
import { partList } from './parts.ts';
import type { Format, Member, Workshop } from './types.ts';

const thin = '!<thin>\n';

export const ar: Format = {
  recognises: (view) => [arMagic, thin].includes(startOf(view, arMagic.length).toString('latin1')),
  read(view, workshop) {
    if (startOf(view, arMagic.length).toString('latin1') === thin) {
      throw new SamesourceError('unsupported', 'ar: a thin archive, whose members are other files');
    }
    const cover = coverOf('ar', view);
    cover.add(0, arMagic.length, 'structure', 'archive magic');
    const members = readMembers(view, cover, workshop);
    return { format: 'ar', regions: cover.finish(), members, facts: {} };
  },
};

/** A member's place and header. */
interface Found {
  readonly at: number;
  readonly header: ArHeader;
  /** The header's, or the one that stands before the content instead. */
  readonly name: string;
  /** Bytes of the content that are the name. */
  readonly inContent: number;
  /** Of the content, the name left out. */
  readonly start: number;
  readonly end: number;
}

function readMembers(view: View, cover: Cover, workshop: Workshop): Member[] {
  const members: Member[] = [];
  const tables = new Set<string>();
  const keys = arKeys();
  let names: ArNames | undefined;
  let at = arMagic.length;
  while (at < view.size) {
    const found = findMember(view, at);
    const table = tableOf(found.name);
    if (table === undefined) {
      workshop.count(1);
      const member = coverMember(view, cover, found, names, keys);
      members.push(member);
      at = coverPadding(cover, found, 'padding', { member: member.key });
      continue;
    }
    if (members.length > 0) throw unsafe('ar', `a table at ${at}, after the first member`);
    const name = tables.has(table) ? `second ${table}` : table;
    coverTable(view, cover, found, name, tables);
    if (table === 'long names') names = arNames(readTable(view, found));
    at = coverPadding(cover, found, `${name} padding`, {});
  }
  names?.requireAllUsed();
  return members;
}

function findMember(view: View, at: number): Found {
  if (at + arHeaderSize > view.size) throw unsafe('ar', `no member header at ${at}`);
  const bytes = view.read(at, arHeaderSize);
  const header = parseArHeader(bytes, at);
  const start = at + arHeaderSize;
  const end = start + header.size;
  if (header.rawName === '') throw unsafe('ar', `a member without a name at ${at}`);
  if (bytes.toString('latin1', 48, 58).trimEnd() === '') throw unsafe('ar', `a member without a size at ${at}`);
  if (end > view.size) throw unsafe('ar', `${header.rawName} breaks off`);
  const [, length] = /^#1\/([0-9]+)$/.exec(header.rawName) ?? [];
  if (length === undefined) return { at, header, name: header.rawName, inContent: 0, start, end };
  const inContent = Number(length);
  if (inContent === 0 || inContent > Math.min(4096, header.size))
    throw unsafe('ar', `a name of ${length} bytes at ${at}`);
  const name = leniently(bsdName(view.read(start, inContent)));
  return { at, header, name, inContent, start: start + inContent, end };
}

/** What a linker reads, and no one unpacks. */
function tableOf(name: string): string | undefined {
  if (name === '//') return 'long names';
  if (name === '/SYM64/') return 'wide symbol table';
  return name === '/' || /^__\.SYMDEF( SORTED|_64)?$/.test(name) ? 'symbol table' : undefined;
}

function coverTable(view: View, cover: Cover, found: Found, name: string, tables: Set<string>): void {
  // Microsoft's libraries have a second one, in another order.
  if (tables.has(name) || (name.startsWith('second') && name !== 'second symbol table')) {
    throw unsafe('ar', `two of ${name}, at ${found.at}`);
  }
  tables.add(name);
  const parts = () => headerParts(view, found.at, undefined, `${name} `);
  cover.add(found.at, arHeaderSize, 'structure', `${name} header`, { parts });
  cover.add(found.start - found.inContent, found.inContent, 'structure', `${name} long name`);
  cover.add(found.start, found.end - found.start, 'structure', name);
}

const tableLimit = 16 * 1024 * 1024;

function readTable(view: View, { start, end }: Found): Buffer {
  if (end - start > tableLimit) throw unsafe('ar', `${end - start} bytes of long names`);
  return view.read(start, end - start);
}

/** Members begin at even offsets. Gives where the next one does. */
function coverPadding(cover: Cover, { header, end }: Found, field: string, more: { readonly member?: string }): number {
  const size = header.size % 2;
  cover.pad(end, size, field, { ...more, byte: 0x0a, filler: true });
  return end + size;
}

function coverMember(view: View, cover: Cover, found: Found, names: ArNames | undefined, keys: ArKeys): Member {
  const { at, header, inContent, start, end } = found;
  const key = keys.take(nameOf(found, names));
  const member = { member: key };
  cover.add(at, arHeaderSize, 'structure', 'header', { ...member, parts: () => headerParts(view, at, key, '') });
  cover.add(start - inContent, inContent, 'structure', 'long name', { ...member, value: clipped(key) });
  cover.add(start, end - start, 'content', 'content', member);
  const size = end - start;
  return {
    key,
    type: 'file',
    fields: {
      mode: (header.mode & 0o7777).toString(8).padStart(4, '0'),
      mtime: isoTime(header.mtime),
      owner: `${header.uid}:${header.gid}`,
    },
    size,
    ...(size === 0 ? {} : { stored: { at: start, size } }),
    plain: true,
    open: async () => view.slice(start, size),
  };
}

function nameOf({ at, name, inContent }: Found, names: ArNames | undefined): string {
  if (inContent > 0) return plainName(name, at);
  const [, offset] = /^\/([0-9]+)$/.exec(name) ?? [];
  if (offset === undefined) return plainName(name.replace(/\/$/, ''), at);
  if (names === undefined) throw unsafe('ar', `no long names for the member at ${at}`);
  return plainName(leniently(names.at(Number(offset))), at);
}

function plainName(name: string, at: number): string {
  if (name === '' || name.startsWith('/')) throw unsafe('ar', `a member named "${name}" at ${at}`);
  return name;
}

interface ArKeys {
  take(name: string): string;
}

/** Objects in a library may share a name, in their order; parts of a Debian package may not. */
function arKeys(): ArKeys {
  const counts = new Map<string, number>();
  const taken = new Set<string>();
  let isPackage = false;
  return {
    take(name) {
      if (taken.size === 0) isPackage = name === 'debian-binary';
      if (isPackage && counts.has(name)) throw unsafe('ar', `two members named ${name}`);
      let count = (counts.get(name) ?? 0) + 1;
      while (taken.has(spelled(name, count))) count += 1;
      counts.set(name, count);
      taken.add(spelled(name, count));
      return spelled(name, count);
    },
  };
}

function spelled(name: string, count: number): string {
  return count === 1 ? name : `${name}#${count}`;
}

const fields = [
  ['name', 16, 'structure'],
  ['mtime', 12, 'metadata'],
  ['uid', 6, 'metadata'],
  ['gid', 6, 'metadata'],
  ['mode', 8, 'metadata'],
  ['size', 10, 'derived'],
  ['end', 2, 'structure'],
] as const;

function headerParts(view: View, at: number, member: string | undefined, prefix: string): readonly Region[] {
  const list = partList(at, member);
  const bytes = view.read(at, arHeaderSize);
  let start = 0;
  for (const [field, size, kind] of fields) {
    const text = bytes.toString('latin1', start, start + size);
    const plain = text.trimEnd();
    // In another spelling it does not follow from the content.
    const own = field === 'size' && text !== String(Number(plain)).padEnd(size) ? 'metadata' : kind;
    const value = field === 'mtime' && plain !== '' ? isoTime(Number(plain)) : plain;
    list.add(size, own, `${prefix}${field}`, field === 'end' ? undefined : value);
    start += size;
  }
  return list.parts;
}
