/** Collects what a build left behind, as hostile data: regular files only, no link followed. */
import { constants, type Stats } from 'node:fs';
import { chmod, copyFile, lstat, rename } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { SamesourceError } from '../model/error.ts';
import { hashFile } from '../platform/digest.ts';
import { isErrno } from '../platform/files.ts';
import type { Context } from '../store/context.ts';
import type { Blob } from '../store/store.ts';
import { mountPoint } from './plan.ts';

/**
 * Takes one output into the store. The build is over and everything of it is dead, so the tree does
 * not change any more while it is read.
 * @param dir `build.dir`; `path` is relative to it and may reach its parent, the mount
 * @throws SamesourceError `output-missing`, or `output-unsafe` for anything but a regular file
 */
export async function collectOutput(mount: string, dir: string, path: string, ctx: Context): Promise<Blob> {
  const { name } = mountPoint(dir);
  const relative = posix.normalize(posix.join(name, path));
  if (relative.startsWith('../') || posix.isAbsolute(relative)) {
    throw new SamesourceError('claim-invalid', `output ${path} lies outside of ${posix.dirname(dir)}`);
  }
  const host = await walk(mount, relative.split('/'), path);
  await using work = await ctx.store.temporary('output');
  const copy = join(work.path, 'file');
  await take(host, copy);
  return await ctx.store.adopt(copy, (await hashFile(copy)).sha256);
}

/**
 * Moves the file, which costs nothing however large or sparse it is, or else copies it. A build may
 * have left it unreadable, even for us.
 */
async function take(host: string, copy: string): Promise<void> {
  const { mode } = await lstat(host);
  await chmod(host, (mode & 0o777) | 0o400);
  try {
    await rename(host, copy);
  } catch (error) {
    if (!isErrno(error, 'EXDEV', 'EACCES', 'EPERM')) throw error;
    await copyFile(host, copy, constants.COPYFILE_FICLONE);
  }
}

async function walk(mount: string, parts: readonly string[], path: string): Promise<string> {
  let host = mount;
  for (const [index, part] of parts.entries()) {
    host = join(host, part);
    const found = await find(host, path);
    const wanted = index === parts.length - 1 ? found.isFile() : found.isDirectory();
    if (!wanted) throw new SamesourceError('output-unsafe', `output ${path}: ${part} is ${kindOf(found)}`);
  }
  return host;
}

async function find(host: string, path: string): Promise<Stats> {
  try {
    return await lstat(host);
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'ENOTDIR')) throw error;
    throw new SamesourceError('output-missing', `the build did not make ${path}`, {
      hint: 'the path is relative to build.dir; see the build log for what was made',
    });
  }
}

function kindOf(found: Stats): string {
  if (found.isSymbolicLink()) return 'a symbolic link';
  if (found.isDirectory()) return 'a directory';
  if (found.isFile()) return 'a file';
  return 'a device, socket or fifo';
}
