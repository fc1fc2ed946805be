/**
 * Digests of many files at once. Synchronous reads on a few threads: for 100,000 small files
 * `fs/promises` needs ten times as long, and one thread twice.
 */
import { constants, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isGitId, sha256, type GitId, type Sha256 } from '../model/digest.ts';
import { SamesourceError } from '../model/error.ts';
import { gitBlobStream, hexDigest, sha256Stream } from './digest.ts';
import { mapOnThreads } from './worker.ts';

export interface FileDigests {
  readonly sha256: Sha256;
  /** Bytes. */
  readonly size: number;
  /** Whether its owner may run it: the one bit of a mode that git keeps. */
  readonly executable: boolean;
  /** The id that git gives the content, if it was asked for. */
  readonly gitBlob?: GitId;
}

/** Which git object id is wanted beside SHA-256. */
export type GitHash = 'sha1' | 'sha256' | 'none';

/** One worker's share: paths relative to `root`. */
export interface HashBatch {
  readonly root: string;
  readonly paths: readonly string[];
  readonly git: GitHash;
}

/** Hex digits of all files of a batch, one after the other: one string crosses threads cheaply. */
export interface BatchDigests {
  readonly sha256: string;
  readonly git: string;
  readonly sizes: readonly number[];
  readonly executable: readonly boolean[];
}

const batchSize = 256;
/** Up to here, starting threads costs more than they save. */
const inlineLimit = 128;
const window = 256 * 1024;
/** Room before the content for git's header, `blob SIZE` and a zero byte, so that both are hashed in one piece. */
const headerRoom = 32;
const idLength = { sha1: 40, sha256: 64, none: 0 } as const;

/**
 * Digests of regular files, in the order of `paths` (relative to `root`). Links are not followed:
 * a path that is one fails with ELOOP.
 */
export async function hashFiles(root: string, paths: readonly string[], git: GitHash = 'none'): Promise<FileDigests[]> {
  if (paths.length <= inlineLimit) return unfold(hashBatch({ root, paths, git }), git);
  const batches: HashBatch[] = [];
  for (let at = 0; at < paths.length; at += batchSize)
    batches.push({ root, paths: paths.slice(at, at + batchSize), git });
  const done = new Map<HashBatch, BatchDigests>();
  await mapOnThreads<HashBatch, BatchDigests>('platform/hash-worker.js', batches, (result, batch) => {
    done.set(batch, result);
  });
  return batches.flatMap((batch) => {
    const result = done.get(batch);
    if (result === undefined) throw new SamesourceError('bug', `no digests for ${batch.paths[0]} and what follows`);
    return unfold(result, git);
  });
}

function unfold(batch: BatchDigests, git: GitHash): FileDigests[] {
  const width = idLength[git];
  return batch.sizes.map((size, index) => {
    const digest = sha256(batch.sha256.slice(64 * index, 64 * index + 64));
    const id = batch.git.slice(width * index, width * index + width);
    const executable = batch.executable[index] ?? false;
    return isGitId(id) ? { sha256: digest, size, executable, gitBlob: id } : { sha256: digest, size, executable };
  });
}

/** What a worker does; also run in place for a few files. */
export function hashBatch(batch: HashBatch): BatchDigests {
  const buffer = Buffer.allocUnsafeSlow(headerRoom + window);
  const content = buffer.subarray(headerRoom);
  const sizes: number[] = [];
  const executable: boolean[] = [];
  let digests = '';
  let ids = '';
  for (const path of batch.paths) {
    const found = hashOne(`${batch.root}/${path}`, batch.git, buffer, content);
    digests += found.sha256;
    ids += found.git;
    sizes.push(found.size);
    executable.push(found.executable);
  }
  return { sha256: digests, git: ids, sizes, executable };
}

interface Found {
  readonly sha256: string;
  readonly git: string;
  readonly size: number;
  readonly executable: boolean;
}

/** @param content the part of `buffer` after the room for a header */
function hashOne(path: string, git: GitHash, buffer: Buffer, content: Buffer): Found {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { size, mode } = fstatSync(file);
    const executable = (mode & 0o100) !== 0;
    const got = fill(file, content, 0, size);
    if (got === content.length) return { ...hashLarge(file, path, git, size, content), executable };
    if (got !== size) throw changed(path);
    const digest = hexDigest('sha256', content.subarray(0, size));
    return { sha256: digest, git: blobId(git, buffer, size), size, executable };
  } finally {
    closeSync(file);
  }
}

function blobId(git: GitHash, buffer: Buffer, size: number): string {
  if (git === 'none') return '';
  const header = `blob ${size}\0`;
  const start = headerRoom - header.length;
  buffer.write(header, start, 'latin1');
  return hexDigest(git, buffer.subarray(start, headerRoom + size));
}

function hashLarge(file: number, path: string, git: GitHash, size: number, buffer: Buffer): Omit<Found, 'executable'> {
  const content = sha256Stream();
  const blob = git === 'none' ? undefined : gitBlobStream(git, size);
  let total = 0;
  for (;;) {
    const bytes = buffer.subarray(0, fill(file, buffer, total, size));
    content.update(bytes);
    blob?.update(bytes);
    total += bytes.length;
    if (bytes.length < buffer.length) break;
  }
  if (total !== size) throw changed(path);
  return { sha256: content.digest(), git: blob?.digest() ?? '', size };
}

/** Reads until the buffer is full or the file ends. One read that ends at `size` is taken as the end. */
function fill(file: number, buffer: Buffer, position: number, size: number): number {
  for (let have = 0; ;) {
    const got = readSync(file, buffer, have, buffer.length - have, position + have);
    have += got;
    if (got === 0 || have === buffer.length || position + have === size) return have;
  }
}

function changed(path: string): SamesourceError {
  return new SamesourceError('source-mismatch', `${path}: changed while it was read`);
}
