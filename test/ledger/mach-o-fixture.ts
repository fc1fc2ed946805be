/** A small program of Apple's systems, sound but of no use. */

export interface MachOSample {
  readonly uuid?: string;
  readonly code?: string;
  readonly cpu?: number;
  /** Room for a signature, and what stands in it. */
  readonly signature?: Buffer;
  readonly big?: boolean;
  readonly wide?: boolean;
}

/** `index`, one code directory. */
export function superBlob(content: string, slack = Buffer.alloc(4)): Buffer {
  const blob = Buffer.alloc(8 + content.length);
  blob.writeUInt32BE(0xfade0c02, 0);
  blob.writeUInt32BE(blob.length, 4);
  blob.write(content, 8, 'latin1');
  const index = Buffer.alloc(20);
  for (const [at, word] of [0xfade0cc0, 20 + blob.length, 1, 0, 20].entries()) index.writeUInt32BE(word, at * 4);
  return Buffer.concat([index, blob, slack]);
}

export const codeAt = 0x400;
const linkeditAt = 0x500;

export function machOSample(sample: MachOSample = {}): Buffer {
  const { big = false, wide = true, signature } = sample;
  const word = wide ? 8 : 4;
  const u32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    if (big) bytes.writeUInt32BE(value >>> 0);
    else bytes.writeUInt32LE(value >>> 0);
    return bytes;
  };
  const long = (value: number): Buffer =>
    word === 4 ? u32(value) : Buffer.concat(big ? [u32(0), u32(value)] : [u32(value), u32(0)]);
  const named = (name: string): Buffer => Buffer.from(name.padEnd(16, '\0'), 'latin1');
  const command = (type: number, ...parts: readonly Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    return Buffer.concat([u32(type), u32(8 + body.length), body]);
  };
  const segment = (name: string, at: number, size: number, sections: readonly Buffer[]): Buffer =>
    command(
      wide ? 0x19 : 1,
      named(name),
      long(at),
      long(0x1000),
      long(at),
      long(size),
      u32(5),
      u32(5),
      u32(sections.length),
      u32(0),
      ...sections,
    );
  const section = Buffer.concat([
    named('__text'),
    named('__TEXT'),
    long(codeAt),
    long(64),
    u32(codeAt),
    u32(4),
    Buffer.alloc(wide ? 24 : 20),
  ]);
  const linkedit = 48 + (signature?.length ?? 0);
  const commands = [
    segment('__TEXT', 0, linkeditAt, [section]),
    segment('__LINKEDIT', linkeditAt, linkedit, []),
    command(0x1b, Buffer.from(sample.uuid ?? '00112233445566778899aabbccddeeff', 'hex')),
    command(0x32, u32(1), u32(0x0b0000), u32(0x0c0100), u32(1), u32(3), u32(0x0e0001)),
    command(0x2, u32(linkeditAt), u32(2), u32(linkeditAt + 32), u32(16)),
    command(0x2a, long(0), ...(wide ? [] : [u32(0)])),
    ...(signature === undefined ? [] : [command(0x1d, u32(linkeditAt + 48), u32(signature.length))]),
  ];
  const body = Buffer.concat(commands);
  const head = Buffer.concat([
    u32(wide ? 4277009103 : 4277009102),
    u32(sample.cpu ?? 16777223),
    u32(3),
    u32(2),
    u32(commands.length),
    u32(body.length),
    u32(0),
    ...(wide ? [u32(0)] : []),
  ]);
  const all = Buffer.alloc(linkeditAt + 48);
  Buffer.concat([head, body]).copy(all);
  all.write(sample.code ?? 'plover code that runs', codeAt, 'latin1');
  all.write('symbols of quince', linkeditAt, 'latin1');
  all.write('\0_plover', linkeditAt + 32, 'latin1');
  return signature === undefined ? all : Buffer.concat([all, signature]);
}

/** Slices on 4096 bytes each. */
export function fatSample(slices: readonly { readonly cpu: number; readonly bytes: Buffer }[], gap = 0): Buffer {
  const head = Buffer.alloc(8 + slices.length * 20);
  head.writeUInt32BE(0xcafebabe, 0);
  head.writeUInt32BE(slices.length, 4);
  const parts: Buffer[] = [head];
  let end = head.length;
  for (const [index, { cpu, bytes }] of slices.entries()) {
    const at = Math.ceil(end / 4096) * 4096;
    for (const [place, value] of [cpu, 3, at, bytes.length, 12].entries()) {
      head.writeUInt32BE(value, 8 + index * 20 + place * 4);
    }
    parts.push(Buffer.alloc(at - end, gap), bytes);
    end = at + bytes.length;
  }
  return Buffer.concat(parts);
}
