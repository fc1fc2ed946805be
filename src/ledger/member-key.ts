/** What a container's members are called by. */
import { isUtf8 } from 'node:buffer';
import { unsafe } from './cover.ts';

/** Longer ones can be unpacked nowhere: PATH_MAX of Linux. */
const longest = 4096;

/** UTF-8 if it is, else the bytes that are not ASCII in percent. */
export function leniently(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  return buffer.toString('latin1').replaceAll(/[%\u0080-\u00FF]/g, (char) => {
    return `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

export interface MemberKeys {
  /**
   * The key of a path: without `./`, doubled and trailing slashes.
   * @throws SamesourceError `archive-unsafe` if another path ends at the same place
   */
  take(path: string): string;
}

/** @param format for messages */
export function memberKeys(format: string): MemberKeys {
  const taken = new Set<string>();
  return {
    take(path) {
      if (path.length > longest) throw unsafe(format, `a name of ${path.length} characters`);
      const plain = path
        .split('/')
        .filter((part) => part !== '' && part !== '.')
        .join('/');
      // An absolute path is unpacked to where the relative one is.
      if (taken.has(plain)) throw unsafe(format, `two entries named ${path}`);
      taken.add(plain);
      return path.startsWith('/') ? `/${plain}` : plain === '' ? '.' : plain;
    },
  };
}
