/**
 * Writes archive entries below one directory, and nowhere else. Every name in an archive is
 * attacker-controlled: no absolute path, no `..`, no write through a link that leaves the directory,
 * no device, no second entry of one name unless the format stacks layers.
 */
import * as fs from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { SamesourceError } from '../model/error.ts';
import type { TarEntry, TarSink } from '../format/tar.ts';
import { whiteoutOf } from './whiteout.ts';

export interface UnpackRules {
  /**
   * What to do where a parent of an entry is a symbolic link: `refuse`, or `resolve` it as a process
   * chrooted into the directory would (layers of a root file system rely on that).
   */
  readonly parents: 'refuse' | 'resolve';
  /** Whether a later entry may replace an earlier one, as layers of a root do. */
  readonly replace: boolean;
  /**
   * Layers of an image: white-outs remove what lower layers wrote, and an entry of any type takes the
   * place of whatever else has its name, as image-spec `layer.md` has it.
   */
  readonly layers?: boolean;
  /** Where an entry goes, if not where it says, e.g. for merged /usr; `undefined` to leave it out. */
  readonly rename?: (path: string) => string | undefined;
  /** Bits of the mode that are kept. Set-uid bits mean nothing to a build's single user. */
  readonly modeMask: number;
  readonly maxEntries: number;
  readonly maxBytes: number;
}

export const hostileArchive: UnpackRules = {
  parents: 'refuse',
  replace: false,
  modeMask: 0o755,
  maxEntries: 1_000_000,
  maxBytes: 16 * 1024 ** 3,
};

/** What an `Unpacker` is handed, from whatever format. */
export type UnpackEntry = Pick<TarEntry, 'path' | 'type' | 'mode' | 'mtime' | 'size' | 'link'>;

export interface Unpacker {
  /** @throws SamesourceError `archive-unsafe` */
  entry(entry: UnpackEntry): TarSink | undefined;
  /** What was written so far is now a lower layer, open to white-outs. */
  nextLayer(): void;
  /** Sets the times of directories, which later entries had changed. */
  finish(): void;
}

export function unpacker(root: string, rules: UnpackRules): Unpacker {
  const seen = new Set<string>();
  const real = new Map<string, string>([['', root]]);
  const directoryTimes = new Map<string, number>();
  /** Host paths that the present layer wrote, which its own white-outs do not concern. */
  const written = new Set<string>();
  let entries = 0;
  let bytes = 0;

  /** Host path of a directory inside, made if missing. */
  const directory = (path: string, depth = 0): string => {
    const known = real.get(path);
    if (known !== undefined) return known;
    if (depth > 40) throw unsafe(path, 'too many links');
    const parent = directory(parentOf(path), depth);
    const host = join(parent, posix.basename(path));
    const found = fs.lstatSync(host, { throwIfNoEntry: false });
    if (found === undefined) {
      fs.mkdirSync(host, 0o755);
      if (rules.layers === true) directoryTimes.set(host, 0);
    } else if (found.isSymbolicLink()) {
      if (rules.parents === 'refuse') throw unsafe(path, 'a file would be written through a link');
      const target = directory(insideTarget(parent.slice(root.length + 1), fs.readlinkSync(host)), depth + 1);
      real.set(path, target);
      return target;
    } else if (!found.isDirectory()) throw unsafe(path, 'a file would lie below a file');
    real.set(path, host);
    return host;
  };

  const clear = (path: string, host: string, type: UnpackEntry['type']): boolean => {
    const found = fs.lstatSync(host, { throwIfNoEntry: false });
    if (found === undefined) return true;
    if (rules.layers === true && (type !== 'directory' || !found.isDirectory())) {
      remove(host, found);
      return true;
    }
    if (type === 'directory' && (found.isDirectory() || (found.isSymbolicLink() && rules.parents === 'resolve')))
      return false;
    if (!rules.replace) throw unsafe(path, 'two entries of one name');
    if (found.isDirectory()) throw unsafe(path, 'a file in place of a directory');
    fs.unlinkSync(host);
    if (found.isSymbolicLink()) forgetLinks();
    return true;
  };

  /** A known directory may have been reached through what was just removed. */
  const forgetLinks = (): void => {
    real.clear();
    real.set('', root);
  };

  const remove = (host: string, found: fs.Stats): void => {
    fs.rmSync(host, { recursive: true });
    if (found.isFile()) return;
    for (const known of directoryTimes.keys()) {
      if (known === host || known.startsWith(`${host}/`)) directoryTimes.delete(known);
    }
    forgetLinks();
  };

  /** Removes what lower layers wrote at a path or below it. */
  const prune = (host: string): void => {
    const found = fs.lstatSync(host, { throwIfNoEntry: false });
    if (found === undefined) return;
    if (found.isDirectory()) {
      for (const name of fs.readdirSync(host)) prune(join(host, name));
      if (fs.readdirSync(host).length > 0) return;
    }
    if (!written.has(host)) remove(host, found);
  };

  const whiteout = (path: string): boolean => {
    const found = whiteoutOf(path);
    if (found === undefined) return false;
    if (found.kind === 'ignored') return true;
    const dir = directory(parentOf(path));
    const names = found.kind === 'opaque' ? fs.readdirSync(dir) : [found.name];
    for (const name of names) prune(join(dir, name));
    return true;
  };

  const entry = (given: UnpackEntry): TarSink | undefined => {
    entries += 1;
    bytes += given.size;
    if (entries > rules.maxEntries) throw unsafe(given.path, `more than ${rules.maxEntries} entries`);
    if (bytes > rules.maxBytes) throw unsafe(given.path, `more than ${rules.maxBytes} bytes`);
    const renamed = rules.rename === undefined ? cleanPath(given.path) : rules.rename(cleanPath(given.path));
    if (renamed === undefined || (rules.layers === true && whiteout(renamed))) return undefined;
    if (renamed === '') return given.type === 'directory' ? undefined : refuse(given.path, 'the root itself');
    const unique = renamed.normalize('NFC');
    if (!rules.replace && seen.has(unique) && given.type !== 'directory')
      throw unsafe(given.path, 'two entries of one name');
    seen.add(unique);
    const host = join(directory(parentOf(renamed)), posix.basename(renamed));
    return write({ ...given, path: renamed }, host);
  };

  const write = (given: UnpackEntry, host: string): TarSink | undefined => {
    const mode = given.mode & rules.modeMask;
    const fresh = clear(given.path, host, given.type);
    if (rules.layers === true) written.add(host);
    switch (given.type) {
      case 'directory':
        if (fresh) fs.mkdirSync(host);
        if (fs.lstatSync(host).isDirectory()) {
          fs.chmodSync(host, mode | 0o700);
          directoryTimes.set(host, given.mtime);
        }
        return undefined;
      case 'symlink':
        if (given.link === '' || given.link.includes('\0')) throw unsafe(given.path, 'a link to nothing');
        fs.symlinkSync(given.link, host);
        fs.lutimesSync(host, given.mtime, given.mtime);
        return undefined;
      case 'hardlink':
        fs.linkSync(linkTarget(given), host);
        return undefined;
      case 'file':
        return fileSink(host, mode, given.mtime);
      case 'character':
      case 'block':
      case 'fifo':
        throw unsafe(given.path, `a ${given.type} device`);
    }
  };

  /** A hard link may only name a file that this archive has written. */
  const linkTarget = (given: UnpackEntry): string => {
    const target = rules.rename === undefined ? cleanPath(given.link) : rules.rename(cleanPath(given.link));
    if (target === undefined || target === '') throw unsafe(given.path, `a hard link to "${given.link}"`);
    const host = join(directory(parentOf(target)), posix.basename(target));
    const found = fs.lstatSync(host, { throwIfNoEntry: false });
    if (!found?.isFile() && !(rules.layers === true && found?.isSymbolicLink())) {
      throw unsafe(given.path, `a hard link to "${given.link}", which is no file in the archive`);
    }
    return host;
  };

  return {
    entry,
    nextLayer: () => written.clear(),
    finish: () => {
      for (const [host, mtime] of [...directoryTimes].toReversed()) fs.utimesSync(host, mtime, mtime);
    },
  };
}

function fileSink(host: string, mode: number, mtime: number): TarSink {
  const file = fs.openSync(
    host,
    fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL | fs.constants.O_NOFOLLOW,
    0o600,
  );
  return {
    write: (bytes) => {
      for (let done = 0; done < bytes.length;) done += fs.writeSync(file, bytes, done);
    },
    end: () => {
      fs.fchmodSync(file, mode | 0o400);
      fs.futimesSync(file, mtime, mtime);
      fs.closeSync(file);
    },
  };
}

/** PATH_MAX of Linux. */
const pathLimit = 4095;

/** `./usr//bin/` to `usr/bin`. @throws SamesourceError `archive-unsafe` for a path that leaves the root */
export function cleanPath(path: string): string {
  if (path.startsWith('/') || path.includes('\0')) throw unsafe(path, 'not a plain relative path');
  if (path.length > pathLimit) throw unsafe(path.slice(0, 200), `a path of more than ${pathLimit} bytes`);
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw unsafe(path, 'leaves the directory');
  return parts.join('/');
}

/** Where a link in `dir` points, as seen by a process chrooted into the root. */
function insideTarget(dir: string, link: string): string {
  const absolute = posix.normalize(posix.join('/', link.startsWith('/') ? '' : dir, link));
  return absolute
    .split('/')
    .filter((part) => part !== '')
    .join('/');
}

function parentOf(path: string): string {
  const parent = dirname(path);
  return parent === '.' ? '' : parent;
}

function refuse(path: string, why: string): never {
  throw unsafe(path, why);
}

function unsafe(path: string, why: string): SamesourceError {
  return new SamesourceError('archive-unsafe', `archive entry "${path}": ${why}`);
}
