/** A directory read as if it were an archive: what lies in it, and nothing about when or by whom it was made. */
import { isUtf8 } from 'node:buffer';
import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { pathView } from '../platform/view.ts';
import type { Member, Reading, Workshop } from './types.ts';

const separator = Buffer.from('/');

/**
 * Links are not followed, and nothing but regular files is opened.
 * @throws SamesourceError `too-large` past the workshop's limit of members, and errors of the system
 */
export function readDirectory(path: string, workshop: Workshop): Reading {
  const members: Member[] = [];
  const waiting: { readonly path: Buffer; readonly key: string }[] = [{ path: Buffer.from(path), key: '' }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const names = readdirSync(next.path, { encoding: 'buffer' }).toSorted((a, b) => Buffer.compare(a, b));
    workshop.count(names.length);
    for (const name of names) {
      const entry = Buffer.concat([next.path, separator, name]);
      const key = next.key === '' ? shown(name) : `${next.key}/${shown(name)}`;
      const member = memberOf(entry, key);
      members.push(member);
      if (member.type === 'directory') waiting.push({ path: entry, key });
    }
  }
  members.sort((a, b) => (a.key < b.key ? -1 : 1));
  return { format: 'directory', regions: [], members, facts: {} };
}

/** A name that is no text keeps its bytes, and so does one that looks like that. */
function shown(name: Buffer): string {
  const text = isUtf8(name) ? name.toString('utf8') : undefined;
  return text === undefined || text.startsWith('bytes:') ? `bytes:${name.toString('hex')}` : text;
}

function memberOf(path: Buffer, key: string): Member {
  const stat = lstatSync(path);
  const type = typeOf(stat);
  const mode = (stat.mode & 0o7777).toString(8).padStart(4, '0');
  const link = type === 'symlink' ? shown(readlinkSync(path, { encoding: 'buffer' })) : '';
  const size = type === 'file' ? stat.size : 0;
  return {
    key,
    type,
    // The mode of a link is never looked at.
    fields: { type: stat.isSocket() ? 'socket' : type, ...(type === 'symlink' ? { link } : { mode }) },
    size,
    plain: true,
    open: async () => pathView(path, size),
  };
}

function typeOf(stat: Stats): Member['type'] {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isCharacterDevice()) return 'character';
  return stat.isBlockDevice() ? 'block' : 'fifo';
}
