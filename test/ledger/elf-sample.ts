/** A small ELF file of any width and byte order, with code, a note, data for debuggers and names. */

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly bytes: Buffer;
}

export interface Shape {
  readonly bits: 32 | 64;
  readonly little: boolean;
}

const sections: readonly Section[] = [
  { name: '.text', type: 1, flags: 6, bytes: Buffer.from('b82a000000c3', 'hex') },
  { name: '.rodata', type: 1, flags: 2, bytes: Buffer.from('plover and quince\0') },
  { name: '.comment', type: 1, flags: 0x30, bytes: Buffer.from('GCC: (Orchard) 9.8.7\0') },
];

export function sampleElf({ bits, little }: Shape = { bits: 64, little: true }): Buffer {
  const wide = bits === 64;
  const u16 = (value: number): Buffer => number(value, 2, little);
  const u32 = (value: number): Buffer => number(value, 4, little);
  const word = (value: number): Buffer => number(value, wide ? 8 : 4, little);
  const names = Buffer.from(['', ...sections.map(({ name }) => name), '.shstrtab', ''].join('\0'));
  const all = [...sections, { name: '.shstrtab', type: 3, flags: 0, bytes: names }];
  const start = wide ? 64 + 56 : 52 + 32;
  const body: Buffer[] = [];
  let at = start;
  const headers = [Buffer.alloc(wide ? 64 : 40)];
  for (const { name, type, flags, bytes } of all) {
    const gap = (8 - (at % 8)) % 8;
    body.push(Buffer.alloc(gap), bytes);
    at += gap;
    const place = [u32(names.indexOf(`${name}\0`)), u32(type), word(flags), word(flags > 1 ? 0x4000 + at : 0)];
    headers.push(Buffer.concat([...place, word(at), word(bytes.length), u32(0), u32(0), word(1), word(0)]));
    at += bytes.length;
  }
  const pad = (8 - (at % 8)) % 8;
  const ident = Buffer.from([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const sizes = [wide ? 64 : 52, wide ? 56 : 32, 1, wide ? 64 : 40, headers.length, headers.length - 1];
  const header = [ident, u16(2), u16(62), u32(1), word(0x4000 + start), word(wide ? 64 : 52), word(at + pad), u32(0)];
  const segment = wide
    ? [u32(1), u32(5), word(0), word(0x4000), word(0x4000), word(at), word(at), word(4096)]
    : [u32(1), word(0), word(0x4000), word(0x4000), word(at), word(at), u32(5), word(4096)];
  return Buffer.concat([...header, ...sizes.map(u16), ...segment, ...body, Buffer.alloc(pad), ...headers]);
}

function number(value: number, size: number, little: boolean): Buffer {
  const bytes = Buffer.alloc(size);
  if (little) bytes.writeUIntLE(value, 0, Math.min(6, size));
  else bytes.writeUIntBE(value, size - Math.min(6, size), Math.min(6, size));
  return bytes;
}
