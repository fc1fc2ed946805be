/**
 * Two names for the content of a directory: the tree id that git would give it (in-toto `gitTree`),
 * and Go's `h1` directory hash (in-toto `dirHash`). The first covers names, contents, links and the
 * exec bit; the second is SHA-256 throughout and covers names and contents. Neither sees empty directories.
 */
import { isUtf8 } from 'node:buffer';
import { readdirSync, readlinkSync } from 'node:fs';
import { SamesourceError } from '../model/error.ts';
import { gitId, type GitId, type Sha256 } from '../model/digest.ts';
import { gitObjectId, sha256Of } from '../platform/digest.ts';
import { hashFiles, type GitHash } from '../platform/hash-files.ts';

export type GitMode = '100644' | '100755' | '120000' | '160000';

/** One line of `git ls-tree -r`. */
export interface TreeFile {
  /** Relative to the root, `/` between its parts. */
  readonly path: string;
  readonly mode: GitMode;
  readonly id: GitId;
}

export interface HashedFile extends TreeFile {
  /** Of the content; of the target's text, for a symbolic link. */
  readonly sha256: Sha256;
}

export interface TreeDigests {
  readonly gitTree: GitId;
  readonly dirHash: Sha256;
  /** Sorted by path, as bytes. */
  readonly files: readonly HashedFile[];
}

/** Directories that stand for a commit of another repository: path to commit. */
export type Gitlinks = ReadonlyMap<string, GitId>;

/**
 * Both digests of a directory on the disk, links not followed.
 * @throws SamesourceError `archive-unsafe` for a device, socket or fifo, `unsupported` for a name that is not UTF-8
 */
export async function treeDigests(
  dir: string,
  git: Exclude<GitHash, 'none'> = 'sha1',
  links: Gitlinks = new Map(),
): Promise<TreeDigests> {
  const found = listDirectory(dir);
  const regular = found.filter((entry) => entry.link === undefined);
  const digests = await hashFiles(
    dir,
    regular.map((entry) => entry.path),
    git,
  );
  let next = 0;
  const files = found.map((entry): HashedFile => {
    const { path } = entry;
    if (entry.link !== undefined) return { path, mode: '120000', ...linkDigests(entry.link, git) };
    const digest = digests[next++];
    if (digest?.gitBlob === undefined) throw new SamesourceError('bug', `no digest of ${path}`);
    const mode = digest.executable ? '100755' : '100644';
    return { path, mode, id: digest.gitBlob, sha256: digest.sha256 };
  });
  const inOrder = sorted(files);
  return { gitTree: gitTreeOf(inOrder, git, links), dirHash: dirHashOf(inOrder), files: inOrder };
}

function linkDigests(target: Buffer, git: Exclude<GitHash, 'none'>): { id: GitId; sha256: Sha256 } {
  return { id: gitId(gitObjectId('blob', target, exampleOf(git))), sha256: sha256Of(target) };
}

interface Found {
  readonly path: string;
  /** Target of a symbolic link. */
  readonly link?: Buffer;
}

function listDirectory(root: string, below = ''): Found[] {
  const options = { encoding: 'buffer', withFileTypes: true } as const;
  return readdirSync(below === '' ? root : `${root}/${below}`, options).flatMap((entry) => {
    const name = entry.name.toString();
    if (!isUtf8(entry.name)) throw new SamesourceError('unsupported', `a file name that is not UTF-8: ${name}`);
    const path = below === '' ? name : `${below}/${name}`;
    if (entry.isDirectory()) return listDirectory(root, path);
    if (entry.isSymbolicLink()) return [{ path, link: readlinkSync(`${root}/${path}`, { encoding: 'buffer' }) }];
    if (!entry.isFile()) throw new SamesourceError('archive-unsafe', `${path}: neither a file, a link nor a directory`);
    return [{ path }];
  });
}

/** Git's tree id of a list of files; what lies below a gitlink is left out of it. */
export function gitTreeOf(
  files: readonly TreeFile[],
  git: Exclude<GitHash, 'none'> = 'sha1',
  links: Gitlinks = new Map(),
): GitId {
  const root: Directory = new Map();
  for (const file of files) if (!isBelowLink(file.path, links)) place(root, file);
  for (const [path, id] of links) if (!isBelowLink(path, links)) place(root, { path, mode: '160000', id });
  return treeId(root, exampleOf(git));
}

function isBelowLink(path: string, links: Gitlinks): boolean {
  if (links.size === 0) return false;
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    if (links.has(path.slice(0, at))) return true;
  }
  return false;
}

type Directory = Map<string, Directory | TreeFile>;

function place(root: Directory, file: TreeFile): void {
  const parts = file.path.split('/');
  const name = parts.pop() ?? '';
  let directory = root;
  for (const part of parts) {
    const next = directory.get(part) ?? new Map<string, Directory | TreeFile>();
    if (!(next instanceof Map)) throw new SamesourceError('archive-unsafe', `${file.path}: a file below a file`);
    directory.set(part, next);
    directory = next;
  }
  if (directory.has(name)) throw new SamesourceError('archive-unsafe', `${file.path}: two entries of one name`);
  directory.set(name, file);
}

/** gitformat-pack and git's `base_name_compare`: sorted by bytes, a directory as if it ended in `/`. */
function treeId(directory: Directory, like: GitId): GitId {
  const entries = [...directory].map(([name, entry]) => {
    const bytes = byteString(name);
    if (entry instanceof Map) return { key: `${bytes}/`, line: `40000 ${bytes}\0${idBytes(treeId(entry, like))}` };
    return { key: bytes, line: `${entry.mode} ${bytes}\0${idBytes(entry.id)}` };
  });
  const body = entries.toSorted(byKey).map((entry) => entry.line);
  return gitId(gitObjectId('tree', Buffer.from(body.join(''), 'latin1'), like));
}

function idBytes(id: GitId): string {
  return Buffer.from(id, 'hex').toString('latin1');
}

/**
 * golang.org/x/mod/sumdb/dirhash `Hash1`, in hex and without its `h1:`; names are relative to the
 * root, without a prefix.
 */
export function dirHashOf(files: readonly { readonly path: string; readonly sha256: Sha256 }[]): Sha256 {
  const lines = sorted(files).map(({ path, sha256 }) => {
    if (path.includes('\n')) throw new SamesourceError('unsupported', `dirHash: a line break in "${path}"`);
    return `${sha256}  ${path}\n`;
  });
  return sha256Of(lines.join(''));
}

function sorted<T extends { readonly path: string }>(files: readonly T[]): T[] {
  return files
    .map((file) => ({ file, key: byteString(file.path) }))
    .toSorted(byKey)
    .map(({ file }) => file);
}

/** One character for each byte of UTF-8: such strings compare as their bytes do, much faster than buffers. */
function byteString(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');
}

function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : Number(a.key > b.key);
}

/** `gitObjectId` tells the algorithm from the length of an id. */
function exampleOf(git: Exclude<GitHash, 'none'>): GitId {
  return gitId('0'.repeat(git === 'sha1' ? 40 : 64));
}
