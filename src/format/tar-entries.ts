/** Puts an entry of a tar archive together from its header and the extended ones before it. */
import { SamesourceError } from '../model/error.ts';
import { tarTypes, unsafe, type Decode, type RawTarHeader } from './tar-header.ts';
import { longString, parsePax, paxDecimal, paxInteger, type PaxRecord } from './tar-pax.ts';
import type { TarEntry } from './tar.ts';

/** Bytes of an extended header. */
export const metaLimit = 1024 * 1024;

export interface TarEntries {
  /** Whether the header only says something about the next entry; its content goes to `meta`. */
  isMeta(header: RawTarHeader): boolean;
  /** Takes the content of an extended header; pax records come back. @throws SamesourceError */
  meta(flag: string, bytes: Buffer): readonly PaxRecord[];
  /** @throws SamesourceError `archive-unsafe` for one that two readers could take two ways */
  entry(header: RawTarHeader): TarEntry & { readonly pax: ReadonlyMap<string, string> };
  /** Whether an extended header still waits for its entry. */
  readonly waiting: boolean;
}

export function tarEntries(decode: Decode): TarEntries {
  let pax: ReadonlyMap<string, string> = new Map();
  let global: ReadonlyMap<string, string> = new Map();
  let long: Readonly<Record<string, string>> = {};

  const requireFirst = (flag: string): void => {
    const named = Object.keys(long).length > 0;
    if (pax.size > 0 || (flag === 'x' ? named : long[flag] !== undefined)) {
      throw unsafe('two extended headers for one entry');
    }
  };

  return {
    isMeta(header) {
      if (!'xgLK'.includes(header.flag)) return false;
      if (header.size > metaLimit) throw unsafe(`a header of ${header.size} bytes`);
      return true;
    },
    meta(flag, bytes) {
      if (flag !== 'g') requireFirst(flag);
      if (flag === 'L' || flag === 'K') {
        long = { ...long, [flag]: longString(bytes, decode) };
        return [];
      }
      const records = parsePax(bytes, decode);
      const map = new Map(records.map(({ key, value }) => [key, value]));
      if (flag === 'x') pax = map;
      else global = new Map([...global, ...map]);
      return records;
    },
    entry(header) {
      const all = new Map([...global, ...pax]);
      const entry = complete(header, all, long);
      pax = new Map();
      long = {};
      // Some readers take a hard link's size as the length of content that follows, others do not.
      if (entry.type !== 'file' && entry.size !== 0) throw unsafe(`${entry.path}: a ${entry.type} with content`);
      if (entry.path === '') throw unsafe('an entry without a name');
      return { ...entry, pax: all };
    },
    get waiting() {
      return pax.size > 0 || Object.keys(long).length > 0;
    },
  };
}

function complete(
  raw: RawTarHeader,
  pax: ReadonlyMap<string, string>,
  long: Readonly<Record<string, string>>,
): TarEntry {
  const { flag, ...fields } = raw;
  const type = tarTypes[flag];
  if (type === undefined) throw unsafe(`${raw.path}: entry type "${flag}"`);
  if ([...pax.keys()].some((key) => key.startsWith('GNU.sparse.'))) {
    throw new SamesourceError('unsupported', `tar: ${raw.path}: sparse files cannot be read yet`);
  }
  const size = pax.get('size');
  if (size !== undefined && paxInteger(size, 0) !== raw.size) {
    // TARmageddon (RUSTSEC-2025-0111): readers that take the other size read other entries. The
    // ustar field may only differ where it cannot hold the value.
    if (raw.size !== 0 || Number(size) < 8 ** 11) throw unsafe(`${raw.path}: two sizes, ${raw.size} and ${size}`);
  }
  const entry: TarEntry = {
    ...fields,
    type,
    path: pax.get('path') ?? long['L'] ?? raw.path,
    link: pax.get('linkpath') ?? long['K'] ?? raw.link,
    size: paxInteger(size, raw.size),
    mtime: Math.floor(paxDecimal(pax.get('mtime'), raw.mtime)),
    uid: paxInteger(pax.get('uid'), raw.uid),
    gid: paxInteger(pax.get('gid'), raw.gid),
    uname: pax.get('uname') ?? raw.uname,
    gname: pax.get('gname') ?? raw.gname,
  };
  // Before POSIX a trailing slash was the only mark of a directory.
  return entry.type === 'file' && entry.path.endsWith('/') ? { ...entry, type: 'directory' } : entry;
}
