/** Small acts on files that more than one room needs. */
import { constants } from 'node:fs';
import { access, chmod, lstat, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SamesourceError } from '../model/error.ts';

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

/** @throws SamesourceError `too-large` above `limit` bytes: what we read may be attacker-controlled. */
export async function readText(path: string, limit: number): Promise<string> {
  const { size } = await lstat(path);
  if (size > limit) throw new SamesourceError('too-large', `${path}: ${size} bytes, at most ${limit} are read`);
  return readFile(path, 'utf8');
}

/** Makes every directory below `path` writable and removes it: builds leave mode 000 behind. */
export async function removeTree(path: string): Promise<void> {
  if (!(await exists(path))) return;
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    await unlockDirectories(path);
    await rm(path, { recursive: true, force: true });
  }
}

async function unlockDirectories(path: string): Promise<void> {
  await chmod(path, 0o700);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await unlockDirectories(join(path, entry.name));
  }
}

export async function makeDirectory(path: string, mode = 0o755): Promise<void> {
  await mkdir(path, { recursive: true, mode });
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

export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
