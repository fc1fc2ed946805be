/** Unpacks a source archive, of a kind told by its first bytes, into an empty directory. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { compressionOf, decompress } from '../../format/compression.ts';
import { readTar, type TarSink } from '../../format/tar.ts';
import { isZip } from '../../format/zip-end.ts';
import { readZip } from '../../format/zip.ts';
import { noRoomLeft, SamesourceError } from '../../model/error.ts';
import { firstBytes } from '../../platform/files.ts';
import { cleanPath, hostileArchive, unpacker, type UnpackEntry, type UnpackRules } from '../../store/unpack.ts';

export interface Extracted {
  /** Newest modification time of an entry, seconds. */
  readonly epoch: number;
}

/** Real sources shrink to a tenth; gzip cannot do better than a thousandth. */
const ratioLimit = 1000;
const alwaysAllowed = 64 * 1024 ** 2;

/**
 * `strip` leading path components are dropped from each name; they must be the same for all entries.
 * @throws SamesourceError `archive-unsafe` for anything hostile, ambiguous or out of proportion
 */
export async function extractArchive(path: string, dir: string, strip = 0, rules = hostileArchive): Promise<Extracted> {
  const { size } = await stat(path);
  const maxBytes = Math.min(rules.maxBytes, alwaysAllowed + ratioLimit * size);
  const unpack = unpacker(dir, { ...rules, maxBytes, rename: stripper(strip) } satisfies UnpackRules);
  let epoch = 0;
  const onEntry = (entry: UnpackEntry): TarSink | undefined => {
    epoch = Math.max(epoch, entry.mtime);
    return unpack.entry(entry);
  };
  try {
    await readEntries(path, onEntry, maxBytes, rules.maxEntries);
    unpack.finish();
  } catch (error) {
    throw noRoomLeft(error, `writing ${dir}`) ?? error;
  }
  return { epoch };
}

async function readEntries(
  path: string,
  onEntry: (entry: UnpackEntry) => TarSink | undefined,
  bytes: number,
  entries: number,
): Promise<void> {
  const start = await firstBytes(path, 16);
  if (isZip(start)) return readZip(path, onEntry, { bytes, entries });
  // Each entry has a header block and padding beside its content.
  const bounds = { bytes: bytes + 1024 * entries };
  await readTar(decompress(compressionOf(start), createReadStream(path), bounds), onEntry);
}

/** As `tar --strip-components`, but a file that would be left out, or two roots made one, are errors. */
function stripper(count: number): (path: string) => string {
  let root: string | undefined;
  return (path) => {
    const parts = cleanPath(path).split('/');
    const dropped = parts.slice(0, count).join('/');
    // Directories above are dropped; the unpacker refuses anything else that has no name left.
    if (parts.length <= count) return '';
    root ??= dropped;
    if (root !== dropped) {
      throw new SamesourceError('archive-unsafe', `archive entry "${path}": not below "${root}", which is stripped`);
    }
    return parts.slice(count).join('/');
  };
}
