/**
 * Zip and what is built on it: jar, whl, apk, nupkg, epub. Entries must follow each other from the first
 * byte on, and local headers and central directory must agree; what readers skip is refused.
 *
 * Sections named in these files are those of PKWARE's APPNOTE 6.3.10.
 */
import { dosTime } from '../format/dos-time.ts';
import { isZip, readZipEnd, type ZipEnd } from '../format/zip-end.ts';
import { startOf, type View } from '../platform/view.ts';
import { coverOf, unsafe, type Cover } from './cover.ts';
import { memberKeys } from './member-key.ts';
import { unpacked } from './zip-content.ts';
import {
  centralHeaders,
  descriptorSize,
  hasDescriptor,
  readLocal,
  type CentralHeader,
  type LocalHeader,
} from './zip-entry.ts';
import { centralParts, descriptorParts, endParts, localParts, unixMode, wideEndParts } from './zip-parts.ts';
import { coverSigningBlock } from './zip-signing-block.ts';
import type { Format, Member, Workshop } from './types.ts';

export const zip: Format = {
  recognises: (view) => view.size >= 22 && isZip(startOf(view, 4)),
  async read(view, workshop) {
    const cover = coverOf('zip', view);
    const end = readZipEnd(view);
    workshop.count(end.entries);
    const entries = coverDirectory(view, cover, end);
    const members: Member[] = [];
    let at = 0;
    for (const [index, entry] of entries.entries()) {
      requireNext(entry, at);
      const next = entries[index + 1]?.central.localAt;
      at = coverEntry(view, cover, entry, next ?? end.directoryAt, next === undefined);
      workshop.count(0);
      members.push(await memberOf(view, entry, workshop));
    }
    coverSigningBlock(view, cover, at, end.directoryAt);
    coverEnd(view, cover, end);
    return { format: 'zip', regions: cover.finish(), members, facts: {} };
  },
};

interface Entry {
  readonly key: string;
  readonly central: CentralHeader;
  readonly local: LocalHeader;
}

/** In order of the file. */
function coverDirectory(view: View, cover: Cover, end: ZipEnd): Entry[] {
  const keys = memberKeys('zip');
  const entries: Entry[] = [];
  for (const central of centralHeaders(view, end)) {
    const key = keys.take(central.shown);
    const parts = () => centralParts(central, key);
    cover.add(central.at, central.size, 'structure', 'central header', { member: key, parts });
    entries.push({ key, central, local: readLocal(view, central, end.directoryAt) });
  }
  return entries.toSorted((a, b) => a.central.localAt - b.central.localAt);
}

function requireNext({ key, central: { localAt } }: Entry, at: number): void {
  if (localAt === at) return;
  if (at === 0) throw unsafe('zip', `${localAt} bytes before the first entry`);
  if (localAt < at) throw unsafe('zip', `${key} at ${localAt} lies over the entry before it`);
  throw unsafe('zip', `${localAt - at} bytes at ${at} that belong to nothing`);
}

/** @param limit where the next entry begins, or what comes after the last. Gives the entry's end. */
function coverEntry(view: View, cover: Cover, { key, central, local }: Entry, limit: number, last: boolean): number {
  const of = { member: key };
  const start = local.at + local.size;
  const end = start + central.packedSize;
  if (end > limit) throw unsafe('zip', `${key} lies over what follows it`);
  const parts = () => localParts(local, central, key);
  cover.add(local.at, local.size, 'structure', 'header', { ...of, parts });
  cover.add(start, central.packedSize, 'content', 'content', of);
  if (!hasDescriptor(central)) return end;
  const size = descriptorSize(view, central, end, limit, last);
  const fields = () => descriptorParts(end, size, key);
  cover.add(end, size, 'structure', 'data descriptor', { ...of, parts: fields });
  return end + size;
}

async function memberOf(view: View, { key, central, local }: Entry, workshop: Workshop): Promise<Member> {
  const { packedSize, unpackedSize, method } = central;
  const place = { at: local.at + local.size, size: packedSize };
  const packed = view.slice(place.at, place.size);
  const directory = central.shown.endsWith('/');
  if (directory && unpackedSize > 0) throw unsafe('zip', `${central.shown}: a directory with content`);
  const link = isLink(central) ? await linkOf(packed, central) : undefined;
  if (link === undefined) await check(packed, central, workshop);
  const plain = method === 0;
  return {
    key,
    type: directory ? 'directory' : link === undefined ? 'file' : 'symlink',
    fields: { ...fieldsOf(central), ...(link === undefined ? {} : { link }) },
    size: unpackedSize,
    ...(packedSize === 0 ? {} : { stored: place }),
    plain,
    open: async () => (plain ? packed : workshop.keep(unpacked(packed, central), packedSize)),
  };
}

/** Once through, so that check sum and size are known to follow; kept only when asked for. */
async function check(packed: View, central: CentralHeader, workshop: Workshop): Promise<void> {
  for await (const chunk of unpacked(packed, central)) if (chunk.length > 0) workshop.count(0);
}

function isLink(central: CentralHeader): boolean {
  return ((unixMode(central) ?? 0) & 0o170000) === 0o120000;
}

const longestLink = 4096;

async function linkOf(packed: View, central: CentralHeader): Promise<string> {
  if (central.unpackedSize > longestLink)
    throw unsafe('zip', `${central.shown}: a link of ${central.unpackedSize} bytes`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of unpacked(packed, central)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function fieldsOf(central: CentralHeader): Record<string, string> {
  const mode = unixMode(central);
  const extended = central.extras.find(({ id }) => id === 0x5455)?.value;
  return {
    ...(mode === undefined ? {} : { mode: (mode & 0o7777).toString(8).padStart(4, '0') }),
    mtime: dosTime(central.time),
    ...(extended === undefined ? {} : { 'extended mtime': extended }),
  };
}

function coverEnd(view: View, cover: Cover, end: ZipEnd): void {
  const { wideAt } = end;
  if (wideAt !== undefined) {
    const parts = () => wideEndParts(view, wideAt);
    cover.add(wideAt, end.at - wideAt, 'structure', 'zip64 end records', { parts });
  }
  cover.add(end.at, 22 + end.commentLength, 'structure', 'end record', { parts: () => endParts(view, end) });
}
