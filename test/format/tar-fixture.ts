/** Tar archives made block by block, so that each may be wrong in one way. */

export interface RawEntry {
  readonly path: string;
  /** Type flag; `0`, a regular file, by default. */
  readonly flag?: string;
  readonly content?: string | Buffer;
  readonly link?: string;
  readonly mode?: number;
  readonly mtime?: number;
  /** What the header says, if not the size of the content. */
  readonly size?: number;
  readonly magic?: string;
  readonly prefix?: string;
}

export function tarEntry(entry: RawEntry): Buffer {
  const content = Buffer.from(entry.content ?? '');
  const header = Buffer.alloc(512);
  header.write(entry.path, 0, 100);
  header.write(octal(entry.mode ?? 0o644, 7), 100);
  header.write(octal(1000, 7), 108);
  header.write(octal(1000, 7), 116);
  header.write(octal(entry.size ?? content.length, 11), 124);
  header.write(octal(entry.mtime ?? 1_580_000_000, 11), 136);
  header.write(entry.flag ?? '0', 156);
  header.write(entry.link ?? '', 157, 100);
  header.write(entry.magic ?? 'ustar\u000000', 257, 'latin1');
  header.write('quill', 265);
  header.write('quill', 297);
  header.write(entry.prefix ?? '', 345, 155);
  return Buffer.concat([sealed(header), content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** Writes the check sum. */
export function sealed(header: Buffer): Buffer {
  header.write('        ', 148);
  const sum = header.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
  return header;
}

export function pax(records: readonly (readonly [string, string])[], flag = 'x'): Buffer {
  return tarEntry({ path: 'PaxHeader', flag, content: records.map(([key, value]) => paxRecord(key, value)).join('') });
}

export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const length = Buffer.byteLength(rest);
  const digits = String(length + String(length).length).length;
  return `${length + digits}${rest}`;
}

export function tar(...pieces: readonly (Buffer | RawEntry)[]): Buffer {
  const bytes = pieces.map((piece) => (Buffer.isBuffer(piece) ? piece : tarEntry(piece)));
  return Buffer.concat([...bytes, Buffer.alloc(1024)]);
}

function octal(value: number, width: number): string {
  return value.toString(8).padStart(width, '0');
}
