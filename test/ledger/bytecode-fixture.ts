/** Small files for virtual machines. */

export interface PycSample {
  readonly magic?: number;
  readonly time?: number;
  readonly flags?: number;
  readonly hash?: string;
  readonly code?: string;
}

export function pycSample({ magic = 3495, time = 1_580_000_000, flags = 0, hash, code }: PycSample): Buffer {
  const word = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const modern = magic < 4000;
  const head = [
    word(magic + 0x0a0d * 0x10000),
    ...(modern && magic >= 3392 ? [word(flags)] : []),
    ...(hash === undefined ? [word(time), ...(modern && magic >= 3210 ? [word(77)] : [])] : [Buffer.from(hash, 'hex')]),
  ];
  return Buffer.concat([...head, Buffer.from(`c${code ?? ' marshalled code of plover'}`)]);
}

/** A class `Plover` with the method `quince`. */
export function javaSample({ major = 61, methodName = 5 } = {}): Buffer {
  const u16 = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 2);
    for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
    return bytes;
  };
  const utf8 = (text: string): Buffer => Buffer.concat([Buffer.from([1]), u16(text.length), Buffer.from(text)]);
  const one = (tag: number, ...values: number[]): Buffer => Buffer.concat([Buffer.from([tag]), u16(...values)]);
  const attribute = (name: number, ...parts: Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    return Buffer.concat([u16(name, body.length >>> 16, body.length & 0xffff), body]);
  };
  const constants = [
    utf8('Plover'),
    one(7, 1),
    utf8('java/lang/Object'),
    one(7, 3),
    utf8('quince'),
    utf8('()V'),
    utf8('Code'),
    utf8('LineNumberTable'),
    utf8('SourceFile'),
    utf8('Plover.java'),
    // A long takes the numbers 11 and 12.
    Buffer.from('050000000000000007', 'hex'),
    utf8('egg'),
  ];
  const code = attribute(
    7,
    u16(1, 1, 0, 1),
    Buffer.from([0xb1]),
    u16(1, 0, 1, 0, 0),
    u16(1),
    attribute(8, u16(1, 0, 3)),
  );
  return Buffer.concat([
    Buffer.from('cafebabe', 'hex'),
    u16(0, major),
    u16(14),
    ...constants,
    u16(33, 2, 4, 0),
    u16(1),
    u16(8, 13, 6, 0),
    u16(1),
    u16(9, methodName, 6, 1),
    code,
    u16(1),
    attribute(9, u16(10)),
  ]);
}

/** One function, a name section, producers and a section of its own. */
export function wasmSample({ compiler = '14.0.6', code = '41030b' } = {}): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  const section = (id: number, ...parts: Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    return Buffer.concat([Buffer.from([id, body.length]), body]);
  };
  const body = Buffer.from(code, 'hex');
  return Buffer.concat([
    Buffer.from('0061736d01000000', 'hex'),
    section(1, Buffer.from('016000017f', 'hex')),
    section(3, Buffer.from('0100', 'hex')),
    section(10, Buffer.from([1, body.length + 1, 0]), body),
    section(0, text('name'), Buffer.from('000403666f6f', 'hex')),
    section(
      0,
      text('producers'),
      Buffer.from([1]),
      text('processed-by'),
      Buffer.from([1]),
      text('clang'),
      text(compiler),
    ),
    section(0, text('plover'), Buffer.from('read by a program')),
  ]);
}
