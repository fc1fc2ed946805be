/** A small program of Windows, sound but of no use. */
import { peChecksum } from '../../src/format/pe.ts';
import { bufferView } from '../../src/platform/view.ts';

export interface PeSample {
  readonly timeStamp?: number;
  readonly code?: string;
  readonly pdb?: string;
  readonly richBuild?: number;
  /** With a debug entry that says that time stamps are hashes. */
  readonly reproducible?: boolean;
  readonly overlay?: Buffer;
  /** Content of a certificate entry. */
  readonly certificate?: Buffer;
  /** Otherwise 0. */
  readonly checksum?: boolean;
  /** Bytes put between the sections. */
  readonly headerBytes?: Buffer;
}

export const places = { rich: 0x80, pe: 0xa8, optional: 0xc0, sections: 0x1b0, text: 0x400, data: 0x600, end: 0x800 };

export function peSample(sample: PeSample = {}): Buffer {
  const stamp = sample.timeStamp ?? 1_580_000_000;
  const image = Buffer.alloc(places.end);
  image.write('MZ', 0, 'latin1');
  image.writeUInt32LE(places.pe, 60);
  image.write('a stub of quince', 64, 'latin1');
  putRich(image, sample.richBuild ?? 27_412);
  putHeaders(image, stamp);
  image.write(sample.code ?? 'plover code that runs', places.text, 'latin1');
  putData(image, stamp, sample);
  sample.headerBytes?.copy(image, places.sections + 80);
  const body = Buffer.concat([image, sample.overlay ?? Buffer.alloc(0)]);
  const all = sample.certificate === undefined ? body : signed(body, sample.certificate);
  if (sample.checksum ?? true)
    all.writeUInt32LE(peChecksum(bufferView(all), places.optional + 64), places.optional + 64);
  return all;
}

/** Appends a certificate table of one entry. */
export function signed(body: Buffer, certificate: Buffer): Buffer {
  const aligned = Buffer.concat([body, Buffer.alloc((8 - (body.length % 8)) % 8)]);
  const size = Math.ceil((8 + certificate.length) / 8) * 8;
  const entry = Buffer.alloc(size);
  entry.writeUInt32LE(size, 0);
  entry.writeUInt16LE(0x200, 4);
  entry.writeUInt16LE(2, 6);
  certificate.copy(entry, 8);
  aligned.writeUInt32LE(aligned.length, places.optional + 112 + 32);
  aligned.writeUInt32LE(size, places.optional + 112 + 36);
  return Buffer.concat([aligned, entry]);
}

function putRich(image: Buffer, build: number): void {
  const tools = [{ id: (0x104 << 16) | build, count: 3 }];
  const rotate = (value: number, by: number): number =>
    by % 32 === 0 ? value : ((value << (by % 32)) | (value >>> (32 - (by % 32)))) >>> 0;
  let key = places.rich;
  for (let at = 0; at < places.rich; at++) if (at < 60 || at >= 64) key += rotate(image[at] ?? 0, at);
  for (const { id, count } of tools) key += rotate(id, count);
  key >>>= 0;
  const words = [0x536e6144, 0, 0, 0, ...tools.flatMap(({ id, count }) => [id, count])];
  for (const [index, word] of words.entries()) image.writeUInt32LE((word ^ key) >>> 0, places.rich + index * 4);
  image.write('Rich', places.rich + words.length * 4, 'latin1');
  image.writeUInt32LE(key, places.rich + words.length * 4 + 4);
}

function putHeaders(image: Buffer, stamp: number): void {
  const { pe, optional } = places;
  image.write('PE\0\0', pe, 'latin1');
  image.writeUInt16LE(0x8664, pe + 4);
  image.writeUInt16LE(2, pe + 6);
  image.writeUInt32LE(stamp, pe + 8);
  image.writeUInt16LE(240, pe + 20);
  image.writeUInt16LE(0x22, pe + 22);
  image.writeUInt16LE(0x20b, optional);
  image.writeUInt16LE(0x260e, optional + 2);
  image.writeUInt32LE(0x1000, optional + 32);
  image.writeUInt32LE(0x200, optional + 36);
  image.writeUInt32LE(0x400, optional + 60);
  image.writeUInt32LE(16, optional + 108);
  const directory = (index: number, address: number, size: number): void => {
    image.writeUInt32LE(address, optional + 112 + index * 8);
    image.writeUInt32LE(size, optional + 116 + index * 8);
  };
  directory(0, 0x2000, 40);
  directory(2, 0x2080, 64);
  directory(6, 0x2100, 56);
  for (const [index, [name, raw]] of (
    [
      ['.text', places.text],
      ['.rdata', places.data],
    ] as const
  ).entries()) {
    const at = places.sections + index * 40;
    image.write(name, at, 'latin1');
    image.writeUInt32LE(0x1e0, at + 8);
    image.writeUInt32LE(0x1000 * (index + 1), at + 12);
    image.writeUInt32LE(0x200, at + 16);
    image.writeUInt32LE(raw, at + 20);
    image.writeUInt32LE(0x60000020, at + 36);
  }
}

function putData(image: Buffer, stamp: number, { pdb, reproducible }: PeSample): void {
  const { data } = places;
  image.writeUInt32LE(stamp, data + 4);
  image.writeUInt32LE(stamp, data + 0x84);
  image.writeUInt16LE(1, data + 0x8e);
  image.writeUInt32LE(0x80000018, data + 0x94);
  image.writeUInt32LE(stamp, data + 0x9c);
  const path = Buffer.from(`${pdb ?? 'C:\\build\\quince.pdb'}\0`);
  const entry = (index: number, type: number, size: number, at: number): void => {
    const start = data + 0x100 + index * 28;
    image.writeUInt32LE(stamp, start + 4);
    image.writeUInt32LE(type, start + 12);
    image.writeUInt32LE(size, start + 16);
    image.writeUInt32LE(0x2000 + at, start + 20);
    image.writeUInt32LE(data + at, start + 24);
  };
  entry(0, 2, 24 + path.length, 0x140);
  image.write('RSDS', data + 0x140, 'latin1');
  Buffer.from('00112233445566778899aabbccddeeff', 'hex').copy(image, data + 0x144);
  image.writeUInt32LE(1, data + 0x154);
  path.copy(image, data + 0x158);
  entry(1, reproducible === true ? 16 : 13, 12, 0x1c0);
  image.writeUInt32LE(8, data + 0x1c0);
  image.write('hashhash', data + 0x1c4, 'latin1');
}
