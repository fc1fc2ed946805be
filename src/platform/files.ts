/** Small acts on files that more than one room needs. */
import { constants, createReadStream } from 'node:fs';
import { access, chmod, copyFile, lstat, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SamesourceError } from '../model/error.ts';
import { exec } from './exec.ts';

export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** First executable of that name on a PATH. */
export async function which(name: string, path: string | undefined): Promise<string | undefined> {
  for (const dir of (path ?? '').split(':').filter((part) => part.startsWith('/'))) {
    if (await isExecutable(join(dir, name))) return join(dir, name);
  }
  return undefined;
}

/**
 * @throws SamesourceError `too-large` above `limit` bytes: what we read may be attacker-controlled.
 *   Pipes are read too, as a shell's `<(…)` makes them; a device could go on for ever.
 */
export async function readText(path: string, limit: number): Promise<string> {
  const { size } = await stat(path);
  if (size > limit) throw new SamesourceError('too-large', `${path}: ${size} bytes, at most ${limit} are read`);
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of createReadStream(path)) {
    if (!Buffer.isBuffer(part)) continue;
    parts.push(part);
    length += part.length;
    if (length > limit) throw new SamesourceError('too-large', `${path}: more than ${limit} bytes`);
  }
  return Buffer.concat(parts).toString('utf8');
}

/**
 * Copies a regular file. Opening a pipe would wait for a writer that may never come, and a device
 * may never end.
 */
export async function copyRegular(from: string, to: string): Promise<void> {
  if (!(await stat(from)).isFile()) throw new Error(`${from} is no regular file`);
  await copyFile(from, to);
}

/**
 * Makes every directory below `path` writable and removes it: builds leave mode 000 behind, and
 * directories deeper than a path can be long, or with names that are no text.
 */
export async function removeTree(path: string): Promise<void> {
  if (!(await exists(path))) return;
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (isErrno(error, 'ENAMETOOLONG')) return removeByName(path);
    await removeLocked(path).catch(() => removeByName(path));
  }
}

async function removeLocked(path: string): Promise<void> {
  await unlockDirectories(path);
  await rm(path, { recursive: true, force: true });
}

/** The programs walk from directory to directory and never write out a whole path. */
async function removeByName(path: string): Promise<void> {
  const env = { PATH: '/usr/bin:/bin' };
  await exec({ file: 'chmod', args: ['-R', 'u+rwx', '--', path], cwd: '/', env });
  const { stderr, startError } = await exec({ file: 'rm', args: ['-rf', '--', path], cwd: '/', env });
  if (await exists(path)) throw new Error(`removing ${path}: ${startError ?? stderr.slice(0, 200)}`);
}

async function unlockDirectories(path: string): Promise<void> {
  await chmod(path, 0o700);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await unlockDirectories(join(path, entry.name));
  }
}

/** Flushes a file that was just written, so that a rename after a crash never shows it empty. */
export async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** At most `count` bytes of the beginning: what kind of file it is, is told by them. */
export async function firstBytes(path: string, count: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Whether the operating system said no, with one of these codes or, if none is given, with any. */
export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return codes.length === 0 ? 'errno' in error : codes.includes(String(error.code));
}
