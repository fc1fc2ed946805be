/** Opens any archive that samesource reads, told by its content, entry by entry. */
import { createReadStream } from 'node:fs';
import { compressionOf, decompress } from '../format/compression.ts';
import { readTar } from '../format/tar.ts';
import { firstBytes } from '../platform/files.ts';
import { openDeb, type OnEntry } from './deb.ts';

/** Most bytes that one archive may unpack to. */
const unpackedLimit = 16 * 1024 ** 3;

/** An archive's kind is told by its first tar header at the latest. */
const tarHeaderBytes = 512;

export type ArchiveKind = 'deb' | 'tar';

/** What the first bytes say, or `undefined` for a file that is not an archive we read. */
export async function archiveKind(path: string): Promise<ArchiveKind | undefined> {
  const start = await firstBytes(path, tarHeaderBytes);
  if (start.subarray(0, 8).toString('latin1') === '!<arch>\n') return 'deb';
  if (start.subarray(257, 262).toString('latin1') === 'ustar') return 'tar';
  const kind = compressionOf(start);
  if (kind === 'none' || kind === 'bzip2') return undefined;
  return (await unpackedStart(path, kind)).subarray(257, 262).toString('latin1') === 'ustar' ? 'tar' : undefined;
}

/**
 * Reads every entry. Names of a `.deb`'s entries begin with `control.tar/` or `data.tar/`.
 * @throws SamesourceError `archive-unsafe`
 */
export async function readArchive(path: string, kind: ArchiveKind, onEntry: OnEntry): Promise<void> {
  if (kind === 'deb') {
    const deb = await openDeb(path);
    await deb.readControl((entry) => onEntry({ ...entry, path: `control.tar/${plain(entry.path)}` }));
    await deb.readData((entry) => onEntry({ ...entry, path: `data.tar/${plain(entry.path)}` }));
    return;
  }
  const compression = compressionOf(await firstBytes(path, tarHeaderBytes));
  await readTar(decompress(compression, createReadStream(path), { bytes: unpackedLimit }), (entry) =>
    onEntry({ ...entry, path: plain(entry.path) }),
  );
}

function plain(path: string): string {
  return path.replace(/^(?:\.\/)+/, '');
}

async function unpackedStart(path: string, kind: ReturnType<typeof compressionOf>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of decompress(kind, createReadStream(path), { bytes: unpackedLimit })) {
    pieces.push(chunk);
    length += chunk.length;
    if (length >= tarHeaderBytes) break;
  }
  return Buffer.concat(pieces);
}
