/** Which members of two archives differ, and by how many bytes. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sha256 } from '../model/digest.ts';
import { SamesourceError, type ErrorCode } from '../model/error.ts';
import type { Difference, MemberDifference } from '../model/verdict.ts';
import type { TarEntry } from '../format/tar.ts';
import { sha256Of, sha256Stream } from '../platform/digest.ts';
import { archiveKind, readArchive, type ArchiveKind } from '../store/archive.ts';
import { compareBytes } from './bytes.ts';

interface Member {
  readonly entry: TarEntry;
  readonly sha256: Sha256;
  /** Place among the entries, from 0. */
  readonly order: number;
}

/**
 * Says which members differ, if both files can be read as archives of one kind; else why not.
 * @param work an empty directory for the contents of differing members
 */
export async function compareMembers(
  released: string,
  rebuilt: string,
  work: string,
): Promise<Pick<Difference, 'members' | 'unread'>> {
  try {
    const kind = await archiveKind(released);
    if (kind === undefined) return {};
    if ((await archiveKind(rebuilt)) !== kind) return { unread: 'the two files are not archives of one kind' };
    const [theirs, ours] = [await listMembers(released, kind), await listMembers(rebuilt, kind)];
    const changed = [...theirs.keys()].filter(
      (path) => theirs.get(path)?.sha256 !== ours.get(path)?.sha256 && ours.has(path),
    );
    const sizes = await unequalBytes(released, rebuilt, kind, new Set(changed), work);
    return { members: describe(theirs, ours, sizes) };
  } catch (error) {
    if (!(error instanceof SamesourceError) || !unreadable.has(error.code)) throw error;
    return { unread: error.message };
  }
}

/** What an archive may be found to be; anything else is not about the archive. */
const unreadable: ReadonlySet<ErrorCode> = new Set(['archive-unsafe', 'unsupported']);

async function listMembers(path: string, kind: ArchiveKind): Promise<Map<string, Member>> {
  const members = new Map<string, Member>();
  await readArchive(path, kind, (entry) => {
    if (members.has(entry.path)) throw new SamesourceError('archive-unsafe', `two members named ${entry.path}`);
    const order = members.size;
    members.set(entry.path, { entry, sha256: emptySha256, order });
    const hash = sha256Stream();
    return {
      write: (bytes) => hash.update(bytes),
      end: () => void members.set(entry.path, { entry, sha256: hash.digest(), order }),
    };
  });
  return members;
}

const emptySha256 = sha256Of('');

/** Second pass: contents of the changed members side by side on the disk. */
async function unequalBytes(
  released: string,
  rebuilt: string,
  kind: ArchiveKind,
  changed: ReadonlySet<string>,
  work: string,
): Promise<Map<string, number>> {
  const names = new Map([...changed].map((path, index) => [path, String(index)]));
  const sides = [join(work, 'released'), join(work, 'rebuilt')] as const;
  for (const [side, path] of [
    [sides[0], released],
    [sides[1], rebuilt],
  ] as const) {
    await mkdir(side);
    await readArchive(path, kind, (entry) => {
      const name = names.get(entry.path);
      if (name === undefined) return undefined;
      const file = openSync(join(side, name), 'wx');
      return { write: (bytes) => void writeSync(file, bytes), end: () => closeSync(file) };
    });
  }
  const bytes = new Map<string, number>();
  for (const [path, name] of names)
    bytes.set(path, (await compareBytes(join(sides[0], name), join(sides[1], name))).bytes);
  return bytes;
}

/** Largest difference first; members that only one side has before all others. */
function describe(
  theirs: ReadonlyMap<string, Member>,
  ours: ReadonlyMap<string, Member>,
  bytes: ReadonlyMap<string, number>,
): MemberDifference[] {
  const removed = [...theirs].filter(([path]) => !ours.has(path)).map(([path, one]) => only('removed', path, one));
  const added = [...ours].filter(([path]) => !theirs.has(path)).map(([path, one]) => only('added', path, one));
  const both = [...theirs].flatMap(([path, one]) => {
    const other = ours.get(path);
    if (other === undefined) return [];
    const fields = unequalFields(one, other);
    const unequal = bytes.get(path) ?? 0;
    if (fields.length === 0 && unequal === 0) return [];
    const change = unequal > 0 ? ('changed' as const) : ('metadata' as const);
    return [{ path, change, bytes: unequal, ...(fields.length === 0 ? {} : { fields }) }];
  });
  return [...removed, ...added, ...both.toSorted((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))];
}

function only(change: 'added' | 'removed', path: string, one: Member): MemberDifference {
  return { path, change, bytes: one.entry.type === 'file' ? one.entry.size : 0 };
}

function unequalFields(one: Member, other: Member): NonNullable<MemberDifference['fields']> {
  const show = (member: Member): Record<string, string> => ({
    type: member.entry.type,
    mode: member.entry.mode.toString(8).padStart(4, '0'),
    owner: `${member.entry.uid}:${member.entry.gid}`,
    names: `${member.entry.uname}:${member.entry.gname}`,
    mtime: new Date(member.entry.mtime * 1000).toISOString(),
    link: member.entry.link,
    order: String(member.order),
  });
  const [left, right] = [show(one), show(other)];
  return Object.keys(left).flatMap((field) => {
    const [released = '', rebuilt = ''] = [left[field], right[field]];
    return released === rebuilt ? [] : [{ field, released, rebuilt }];
  });
}
