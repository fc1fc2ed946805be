/**
 * Writes the files of a commit as they are in its tree. Git does not do it: it would run filters and
 * hooks, convert line ends and follow export attributes.
 */
import { posix } from 'node:path';
import type { Sha256 } from '../../model/digest.ts';
import { noRoomLeft, SamesourceError } from '../../model/error.ts';
import { sha256Stream } from '../../platform/digest.ts';
import type { TarSink } from '../../format/tar.ts';
import { dirHashOf, type HashedFile, type TreeFile } from '../../store/tree-hash.ts';
import { hostileArchive, unpacker, type Unpacker } from '../../store/unpack.ts';
import type { Git } from './git-command.ts';
import { readBlobs } from './objects.ts';
import type { Part } from './parts.ts';

export interface Content {
  readonly files: readonly HashedFile[];
  readonly dirHash: Sha256;
  /** Files that are only pointers to contents kept elsewhere by git-lfs. */
  readonly lfsPointers: readonly string[];
}

/** Reads every file, checks it against its id, and writes nothing. */
export async function hashParts(git: Git, parts: readonly Part[]): Promise<Content> {
  const files: HashedFile[] = [];
  const lfsPointers: string[] = [];
  await eachFile(git, parts, (file, size) => {
    const hash = sha256Stream();
    let start = '';
    return {
      write: (bytes) => {
        hash.update(bytes);
        if (size < 1024) start += Buffer.from(bytes).toString('latin1');
      },
      end: () => {
        files.push({ ...file, sha256: hash.digest() });
        if (start.startsWith(lfsMark)) lfsPointers.push(file.path);
      },
    };
  });
  return { files, dirHash: dirHashOf(files), lfsPointers };
}

const lfsMark = 'version https://git-lfs.github.com/spec/v1\n';

/** Writes every file below `dir`, which is empty. All times are `epoch`, seconds. */
export async function writeParts(git: Git, parts: readonly Part[], dir: string, epoch: number): Promise<void> {
  const unpack = unpacker(dir, hostileArchive);
  const directories = new Set(
    parts.flatMap(({ prefix, files }) => files.flatMap((file) => parentsOf(prefix + file.path))),
  );
  for (const path of [...directories].toSorted()) {
    unpack.entry({ path, type: 'directory', mode: 0o755, mtime: epoch, size: 0, link: '' });
  }
  try {
    await eachFile(git, parts, (file, size) => writer(unpack, file, size, epoch));
    unpack.finish();
  } catch (error) {
    throw noRoomLeft(error, `writing ${dir}`) ?? error;
  }
}

function writer(unpack: Unpacker, file: TreeFile, size: number, epoch: number): TarSink {
  const entry = { path: file.path, mode: Number.parseInt(file.mode, 8) & 0o777, mtime: epoch, size, link: '' };
  if (file.mode !== '120000') return unpack.entry({ ...entry, type: 'file' }) ?? nowhere(file.path);
  if (size > 4095) throw new SamesourceError('archive-unsafe', `${file.path}: a link target of ${size} bytes`);
  const target: Uint8Array[] = [];
  return {
    write: (bytes) => void target.push(Uint8Array.from(bytes)),
    end: () => void unpack.entry({ ...entry, type: 'symlink', link: Buffer.concat(target).toString() }),
  };
}

function nowhere(path: string): never {
  throw new SamesourceError('bug', `${path}: not written`);
}

async function eachFile(
  git: Git,
  parts: readonly Part[],
  open: (file: TreeFile, size: number) => TarSink,
): Promise<void> {
  for (const { prefix, repository, files } of parts) {
    const ids = files.map((file) => file.id);
    await readBlobs(git, repository, ids, (index, size) => {
      const file = files[index];
      if (file === undefined) throw new SamesourceError('bug', `no file for object ${index}`);
      return open({ ...file, path: prefix + file.path }, size);
    });
  }
}

function parentsOf(path: string): string[] {
  const parent = posix.dirname(path);
  return parent === '.' ? [] : [...parentsOf(parent), parent];
}
