/** The record that Microsoft's linker leaves of the tools that made each object: not documented, well known. */

export interface RichHeader {
  /** Offset in the stub, bytes. */
  readonly at: number;
  /** With the mark `Rich` and the key. */
  readonly size: number;
  readonly tools: readonly { readonly product: number; readonly build: number; readonly count: number }[];
  /** Whether the key is the checksum of what it covers. */
  readonly fits: boolean;
}

/** @param head all bytes before the PE header, from the start of the file */
export function richHeader(head: Buffer): RichHeader | undefined {
  const end = head.lastIndexOf('Rich', undefined, 'latin1');
  if (end < 64 || end % 4 !== 0 || end + 8 > head.length) return undefined;
  const key = head.readUInt32LE(end + 4);
  const word = (at: number): number => (head.readUInt32LE(at) ^ key) >>> 0;
  let at = end - 4;
  while (at >= 64 && word(at) !== start) at -= 4;
  // Three words of nothing follow the start.
  if (at < 64 || at + 16 > end || (end - at) % 8 !== 0) return undefined;
  if ([4, 8, 12].some((offset) => word(at + offset) !== 0)) return undefined;
  const tools = [];
  for (let entry = at + 16; entry < end; entry += 8) {
    const id = word(entry);
    tools.push({ product: id >>> 16, build: id & 0xffff, count: word(entry + 4) });
  }
  return { at, size: end + 8 - at, tools, fits: checksum(head, at, tools) === key };
}

/** `DanS`. */
const start = 0x536e6144;
/** The offset of the PE header was not yet known when the linker made the sum. */
const unsummed = { from: 60, to: 64 };

function checksum(head: Buffer, at: number, tools: RichHeader['tools']): number {
  let sum = at;
  for (let index = 0; index < at; index++) {
    if (index >= unsummed.from && index < unsummed.to) continue;
    sum = (sum + rotated(head[index] ?? 0, index)) >>> 0;
  }
  for (const { product, build, count } of tools) {
    sum = (sum + rotated(((product << 16) | build) >>> 0, count)) >>> 0;
  }
  return sum;
}

function rotated(value: number, by: number): number {
  const bits = by % 32;
  return bits === 0 ? value >>> 0 : ((value << bits) | (value >>> (32 - bits))) >>> 0;
}
