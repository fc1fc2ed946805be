/** The cover of tar's extended headers: they belong to the entry that follows, and wait for its name. */
import type { RegionClass } from '../model/region.ts';
import { tarBlock } from '../format/tar-header.ts';
import type { PaxRecord } from '../format/tar-pax.ts';
import type { View } from '../platform/view.ts';
import { unsafe, type Cover } from './cover.ts';
import { clipped } from './layout.ts';
import { headerParts } from './tar-header.ts';

export interface Extended {
  readonly flag: string;
  /** Of its header. */
  readonly at: number;
  /** Of its content, bytes. */
  readonly size: number;
  readonly records: readonly PaxRecord[];
}

export interface ExtendedCover {
  /** Gives where the next header is. @throws SamesourceError `archive-unsafe` */
  take(extended: Extended): number;
  /** Adds the regions of what waited for this entry. */
  flush(member: string): void;
  readonly waiting: boolean;
}

const longestKey = 200;

/** They would give a record the name of another region. */
const reserved = ['header', 'padding'];

/** More than any time, number or name of a user takes would be something else, in a field that is not looked at. */
const longestValues: Readonly<Record<string, number>> = {
  atime: 40,
  ctime: 40,
  mtime: 40,
  uid: 40,
  gid: 40,
  size: 40,
  uname: 256,
  gname: 256,
};

/** Of one entry: given for all that follow they would say that all are the same file. */
const ofOneEntry = ['path', 'linkpath', 'size'];

export function coverExtended(view: View, cover: Cover): ExtendedCover {
  let waiting: Extended[] = [];
  let globals = 0;
  return {
    take(extended) {
      const { flag, at, size, records } = extended;
      if (waiting.some((other) => other.flag === flag)) throw unsafe('tar', `two extended headers at ${at}`);
      const long = records.find(({ key }) => key.length > longestKey);
      if (long !== undefined) throw unsafe('tar', `a pax key of ${long.key.length} characters`);
      const wrongKey = records.find(({ key }) => reserved.includes(key));
      if (wrongKey !== undefined) throw unsafe('tar', `a pax key "${wrongKey.key}"`);
      const roomy = records.find(({ key, value }) => value.length > (longestValues[key] ?? Infinity));
      if (roomy !== undefined) throw unsafe('tar', `a pax ${roomy.key} of ${roomy.value.length} characters`);
      if (flag === 'g') {
        const wrong = records.find(({ key }) => ofOneEntry.includes(key));
        if (wrong !== undefined) throw unsafe('tar', `a global pax ${wrong.key} at ${at}`);
        globals += 1;
        coverOne(view, cover, extended, globals === 1 ? 'global pax' : `global pax #${globals}`, undefined);
      } else {
        waiting.push(extended);
      }
      return paddedEnd(at + tarBlock, size);
    },
    flush(member) {
      for (const extended of waiting) coverOne(view, cover, extended, names[extended.flag] ?? 'pax', member);
      waiting = [];
    },
    get waiting() {
      return waiting.length > 0;
    },
  };
}

const names: Readonly<Record<string, string>> = { x: 'pax', L: 'long name', K: 'long link' };

function coverOne(view: View, cover: Cover, extended: Extended, name: string, member: string | undefined): void {
  const { flag, at, size, records } = extended;
  const of = member === undefined ? {} : { member };
  const header = `${name} header`;
  cover.add(at, tarBlock, 'structure', header, {
    ...of,
    parts: () => headerParts(view.read(at, tarBlock), at, member, `${header} `),
  });
  const content = at + tarBlock;
  if ('LK'.includes(flag)) cover.add(content, size, 'structure', name, of);
  for (const { key, value, ...place } of records) {
    cover.add(content + place.at, place.size, classOf(key, value), `${name} ${spelled(key)}`, {
      ...of,
      value: clipped(value),
    });
  }
  const end = content + size;
  cover.pad(end, paddedEnd(content, size) - end, `${name} padding`, { ...of, filler: true });
}

function classOf(key: string, value: string): RegionClass {
  if (key === 'path' || key === 'linkpath') return 'structure';
  // With leading zeros it follows from the content no more.
  return key === 'size' && String(Number(value)) === value ? 'derived' : 'metadata';
}

/** A key may hold anything, and must not give a region the name of another. */
function spelled(key: string): string {
  return key.replaceAll(/[^!-~]|[%:]/gu, (char) => encodeURIComponent(char).replace(':', '%3A'));
}

function paddedEnd(at: number, size: number): number {
  return at + Math.ceil(size / tarBlock) * tarBlock;
}
