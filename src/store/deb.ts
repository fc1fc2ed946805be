/** A Debian binary package, deb(5), read from disk member by member. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { SamesourceError } from '../model/error.ts';
import { readAr, type ArMember } from '../format/ar.ts';
import { compressionOf, decompress } from '../format/compression.ts';
import { readTar, type TarEntry, type TarSink } from '../format/tar.ts';

export type OnEntry = (entry: TarEntry) => TarSink | undefined;

export interface Deb {
  readonly members: readonly ArMember[];
  readControl(onEntry: OnEntry): Promise<void>;
  readData(onEntry: OnEntry): Promise<void>;
  /** Raw bytes of a member. */
  stream(member: ArMember): AsyncIterable<Uint8Array>;
}

/** Most bytes that the data of one package may unpack to. */
const unpackedLimit = 16 * 1024 ** 3;

/** @throws SamesourceError `archive-unsafe` unless the members are exactly those of deb(5) */
export async function openDeb(path: string): Promise<Deb> {
  const members = await listMembers(path);
  const [format, control, data, ...more] = members;
  if (format?.name !== 'debian-binary' || control === undefined || data === undefined || more.length > 0) {
    throw new SamesourceError(
      'archive-unsafe',
      `${path}: not a package of three parts, but ${members.map((one) => one.name).join(', ')}`,
    );
  }
  if (!/^control\.tar(\.\w+)?$/.test(control.name) || !/^data\.tar(\.\w+)?$/.test(data.name)) {
    throw new SamesourceError('archive-unsafe', `${path}: parts are ${control.name} and ${data.name}`);
  }
  const stream = (member: ArMember): AsyncIterable<Uint8Array> => memberStream(path, member);
  return {
    members,
    stream,
    readControl: (onEntry) => readTarMember(path, control, onEntry),
    readData: (onEntry) => readTarMember(path, data, onEntry),
  };
}

async function listMembers(path: string): Promise<ArMember[]> {
  const file = await open(path, 'r');
  try {
    return await readAr((await file.stat()).size, async (offset, length) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    });
  } finally {
    await file.close();
  }
}

function memberStream(path: string, member: ArMember): AsyncIterable<Uint8Array> {
  if (member.size === 0) return (async function* () {})();
  return createReadStream(path, {
    start: member.offset,
    end: member.offset + member.size - 1,
    highWaterMark: 1024 * 1024,
  });
}

async function readTarMember(path: string, member: ArMember, onEntry: OnEntry): Promise<void> {
  const kind = await memberCompression(path, member);
  await readTar(decompress(kind, memberStream(path, member), { bytes: unpackedLimit }), onEntry);
}

async function memberCompression(path: string, member: ArMember): Promise<ReturnType<typeof compressionOf>> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(6), 0, Math.min(6, member.size), member.offset);
    return compressionOf(buffer);
  } finally {
    await file.close();
  }
}
