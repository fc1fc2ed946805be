/** The signature header of an RPM package, format 4: tags with a digest, a size or a signature each. */
import { SamesourceError } from '../model/error.ts';
import { startOf, type View } from '../platform/view.ts';

export interface RpmTag {
  readonly tag: number;
  /** Offset in the file. */
  readonly at: number;
  readonly value: Buffer;
}

export interface RpmSignatureHeader {
  /** With the zeros up to the next multiple of 8. */
  readonly at: number;
  readonly size: number;
  /** In rising order. */
  readonly tags: readonly RpmTag[];
  /** Where the header that follows ends, and the payload begins. */
  readonly payloadAt: number;
}

const lead = 96;
const most = { tags: 64, store: 16 * 1024 * 1024, headerTags: 100_000, header: 256 * 1024 * 1024 };

/** `undefined`: no package. @throws SamesourceError `archive-unsafe` */
export function readRpmSignature(view: View): RpmSignatureHeader | undefined {
  if (view.size < lead + 16 || startOf(view, 4).readUInt32BE(0) !== 0xedabeedb) return undefined;
  const { count, storeSize } = headerAt(view, lead, most.tags, most.store);
  const storeAt = lead + 16 + 16 * count;
  const end = storeAt + storeSize;
  const next = Math.ceil(end / 8) * 8;
  const padding = view.read(end, next - end);
  if (padding.some((byte) => byte !== 0)) throw unsafe(`bytes in the padding at ${end}`);
  const index = view.read(lead + 16, 16 * count);
  const store = Buffer.from(view.read(storeAt, storeSize));
  const tags = Array.from({ length: count }, (_, at) => tagAt(index.subarray(16 * at, 16 * at + 16), store, storeAt));
  requireOrder(tags, store, storeAt);
  const main = headerAt(view, next, most.headerTags, most.header);
  const payloadAt = next + 16 + 16 * main.count + main.storeSize;
  if (payloadAt > view.size) throw unsafe('the header breaks off');
  return { at: lead, size: next - lead, tags, payloadAt };
}

function headerAt(view: View, at: number, tags: number, size: number): { count: number; storeSize: number } {
  const start = view.read(at, 16);
  const [count, storeSize] = [start.readUInt32BE(8), start.readUInt32BE(12)];
  if (start.toString('hex', 0, 8) !== '8eade80100000000') throw unsafe(`no header at ${at}`);
  if (count > tags || storeSize > size) throw unsafe(`a header of ${count} tags and ${storeSize} bytes`);
  return { count, storeSize };
}

/** Numbers, text, and bytes; nothing else stands in a signature header. */
function tagAt(entry: Buffer, store: Buffer, storeAt: number): RpmTag {
  const [tag, type, offset, count] = [0, 4, 8, 12].map((at) => entry.readUInt32BE(at)) as [
    number,
    number,
    number,
    number,
  ];
  const sizes: Readonly<Record<number, number>> = {
    4: 4 * count,
    5: 8 * count,
    6: store.indexOf(0, offset) + 1 - offset,
    7: count,
  };
  const size = sizes[type];
  if (size === undefined || size <= 0 || offset + size > store.length || (type === 6 && count !== 1)) {
    throw unsafe(`tag ${tag} of type ${type}, ${count} at ${offset}`);
  }
  return { tag, at: storeAt + offset, value: store.subarray(offset, offset + size) };
}

/** Each tag once, and the store without anything that no tag has but up to 7 zeros for alignment. */
function requireOrder(tags: readonly RpmTag[], store: Buffer, storeAt: number): void {
  tags.forEach(({ tag }, index) => {
    if (index > 0 && tag <= (tags[index - 1]?.tag ?? 0)) throw unsafe(`tag ${tag} out of order`);
  });
  let end = 0;
  for (const { tag, at, value } of [...tags].toSorted((a, b) => a.at - b.at)) {
    const start = at - storeAt;
    const gap = store.subarray(end, start);
    if (start < end || gap.length > 7 || gap.some((byte) => byte !== 0)) throw unsafe(`bytes before tag ${tag}`);
    end = start + value.length;
  }
  if (end !== store.length) throw unsafe('bytes after the last tag');
}

function unsafe(what: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `rpm: ${what}`);
}
