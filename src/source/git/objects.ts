/** Objects out of a repository, each hashed again: git itself does not do so when it reads a pack. */
import { isUtf8 } from 'node:buffer';
import { gitId, isGitId, type GitId } from '../../model/digest.ts';
import { SamesourceError } from '../../model/error.ts';
import type { TarSink } from '../../format/tar.ts';
import { gitBlobStream, gitObjectId } from '../../platform/digest.ts';
import { gitTreeOf, type GitMode, type TreeFile } from '../../store/tree-hash.ts';
import type { Git } from './git-command.ts';

/** A commit or tag is read into memory; neither is ever near this size. */
const objectLimit = 4 * 1024 * 1024;

/** The body of a commit or tag, or a small blob. @throws SamesourceError `source-mismatch` */
export async function readObject(
  git: Git,
  repository: string,
  type: 'commit' | 'tag' | 'blob',
  id: GitId,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  await readBatch(git, repository, [id], (found) => {
    if (found.type !== type) throw mismatch(`${id} is a ${found.type} and no ${type}`);
    if (found.size > objectLimit) throw new SamesourceError('too-large', `${type} ${id}: ${found.size} bytes`);
    return { write: (bytes) => void pieces.push(bytes), end: () => {} };
  });
  const body = Buffer.concat(pieces);
  requireId(id, gitObjectId(type, body, id));
  return body;
}

/** Streams blobs in the given order, one sink each. @throws SamesourceError `source-mismatch` */
export async function readBlobs(
  git: Git,
  repository: string,
  ids: readonly GitId[],
  open: (index: number, size: number) => TarSink,
): Promise<void> {
  let index = 0;
  await readBatch(git, repository, ids, ({ id, type, size }) => {
    if (type !== 'blob') throw mismatch(`${id} is a ${type} and no blob`);
    const sink = open(index++, size);
    const hash = gitBlobStream(id.length === 64 ? 'sha256' : 'sha1', size);
    return {
      write: (bytes) => {
        hash.update(bytes);
        sink.write(bytes);
      },
      end: () => {
        requireId(id, hash.digest());
        sink.end();
      },
    };
  });
}

/**
 * The files of a tree, gitlinks included, made into a tree again and required to give the same id:
 * so each line is what the id stands for.
 * @throws SamesourceError `source-mismatch`, or `unsupported` for names and modes that no file system keeps
 */
export async function readTree(git: Git, repository: string, tree: GitId): Promise<TreeFile[]> {
  const { stdout, finished } = git.stream(repository, ['ls-tree', '-r', '-z', '--full-tree', tree], '');
  const pieces: Buffer[] = [];
  for await (const chunk of stdout) pieces.push(Buffer.from(chunk));
  const end = await finished;
  if (end.exitCode !== 0) throw damaged(end.stderr);
  const listing = Buffer.concat(pieces);
  if (!isUtf8(listing)) throw new SamesourceError('unsupported', `tree ${tree}: a file name that is not UTF-8`);
  const files = listing.toString().split('\0').slice(0, -1).map(parseLine);
  requireId(tree, gitTreeOf(files, tree.length === 64 ? 'sha256' : 'sha1'));
  return files;
}

const modes: ReadonlySet<string> = new Set(['100644', '100755', '120000', '160000'] satisfies GitMode[]);

function parseLine(line: string): TreeFile {
  const [, mode = '', id = '', path = ''] = /^(\d{6}) [a-z]+ ([0-9a-f]+)\t([^]+)$/.exec(line) ?? [];
  if (!modes.has(mode)) throw new SamesourceError('unsupported', `tree entry "${line}": mode ${mode}`);
  return { path, mode: mode as GitMode, id: gitId(id) };
}

interface ObjectHead {
  readonly id: GitId;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
}

/** git-cat-file(1) `--batch`: `ID TYPE SIZE`, newline, content, newline. */
async function readBatch(
  git: Git,
  repository: string,
  ids: readonly GitId[],
  open: (head: ObjectHead) => TarSink,
): Promise<void> {
  if (ids.length === 0) return;
  const { stdout, finished } = git.stream(repository, ['cat-file', '--batch'], `${ids.join('\n')}\n`);
  const reader = batchReader(ids, open);
  try {
    for await (const chunk of stdout) reader.write(Buffer.from(chunk));
  } finally {
    // Leaving the loop early closes the pipe, and git ends.
    await finished;
  }
  const end = await finished;
  if (end.exitCode !== 0 || !reader.complete()) throw damaged(end.stderr);
}

function batchReader(
  ids: readonly GitId[],
  open: (head: ObjectHead) => TarSink,
): { write(chunk: Buffer): void; complete(): boolean } {
  let next = 0;
  let line = Buffer.alloc(0);
  let body: { left: number; readonly sink: TarSink } | undefined;
  const takeBody = (chunk: Buffer, current: { left: number; readonly sink: TarSink }): Buffer => {
    const piece = chunk.subarray(0, current.left);
    if (piece.length > 0) current.sink.write(piece);
    current.left -= piece.length;
    if (current.left > 0 || chunk.length === piece.length) return chunk.subarray(piece.length);
    current.sink.end();
    body = undefined;
    return chunk.subarray(piece.length + 1);
  };
  const takeLine = (chunk: Buffer): Buffer => {
    const end = chunk.indexOf(0x0a);
    line = Buffer.concat([line, end === -1 ? chunk : chunk.subarray(0, end)]);
    if (end === -1) return chunk.subarray(chunk.length);
    const head = parseHead(line.toString(), ids[next]);
    next += 1;
    line = Buffer.alloc(0);
    body = { left: head.size, sink: open(head) };
    return chunk.subarray(end + 1);
  };
  return {
    write: (chunk) => {
      for (let rest = chunk; rest.length > 0;) rest = body === undefined ? takeLine(rest) : takeBody(rest, body);
    },
    complete: () => next === ids.length && body === undefined,
  };
}

function parseHead(line: string, wanted: GitId | undefined): ObjectHead {
  const [id = '', type = '', size = ''] = line.split(' ');
  if (!isGitId(id) || id !== wanted || !/^\d+$/.test(size)) throw damaged(line);
  return { id, type, size: Number(size) };
}

function requireId(expected: GitId, got: string): void {
  if (got !== expected) throw mismatch(`object ${expected}: its content gives ${got}`);
}

function damaged(said: string): SamesourceError {
  return mismatch(`the repository is damaged: ${said.trim()}`);
}

function mismatch(what: string): SamesourceError {
  return new SamesourceError('source-mismatch', `git: ${what}`);
}
