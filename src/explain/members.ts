/** What lies in two containers, side by side. */
import { SamesourceError } from '../model/error.ts';
import type { Member } from '../ledger/types.ts';
import { isEqual } from '../platform/unequal.ts';
import type { View } from '../platform/view.ts';
import type { Delta, Side, Span } from './types.ts';

/** A file that both hold, with other content. */
export interface InnerPair {
  readonly key: string;
  readonly views: readonly [released: View, rebuilt: View];
}

export interface Inside {
  readonly pairs: readonly InnerPair[];
  /** What is packed in another way, with the same content. */
  readonly deltas: readonly Delta[];
  /** What could not be unpacked. */
  readonly damaged: readonly SamesourceError[];
}

/** Files of the same key; what cannot be unpacked is told, and never taken for equal. */
export async function pairMembers(released: Side, rebuilt: Side): Promise<Inside> {
  const others = new Map(rebuilt.reading.members.map((member) => [member.key, member]));
  const found: { pairs: InnerPair[]; deltas: Delta[]; damaged: SamesourceError[] } = {
    pairs: [],
    deltas: [],
    damaged: [],
  };
  for (const member of released.reading.members) {
    const other = others.get(member.key);
    if (other === undefined || member.type !== 'file' || other.type !== 'file') continue;
    if (isStoredEqual(released, rebuilt, member, other)) continue;
    try {
      const [theirs, ours] = await Promise.all([member.open(), other.open()]);
      if (!isEqual(theirs, ours)) found.pairs.push({ key: member.key, views: [theirs, ours] });
      else if (!(member.plain && other.plain)) found.deltas.push(packedDelta(member, other));
    } catch (error) {
      if (!(error instanceof SamesourceError)) throw error;
      found.damaged.push(error);
      found.deltas.push(packedDelta(member, other));
    }
  }
  return found;
}

/** Bytes that are unpacked in the same way need no unpacking. */
function isStoredEqual(released: Side, rebuilt: Side, member: Member, other: Member): boolean {
  if (member.stored === undefined || other.stored === undefined || member.plain !== other.plain) return false;
  return isEqual(
    released.view.slice(member.stored.at, member.stored.size),
    rebuilt.view.slice(other.stored.at, other.stored.size),
  );
}

function packedDelta(member: Member, other: Member): Delta {
  const [theirs, ours] = [spanOf(member), spanOf(other)];
  return {
    where: member.key === '' ? 'packed content' : `${member.key}: packed content`,
    field: 'packed',
    class: 'content',
    member: member.key,
    ...(theirs === undefined ? {} : { released: theirs }),
    ...(ours === undefined ? {} : { rebuilt: ours }),
    bytes: Math.max(theirs?.size ?? 0, ours?.size ?? 0),
  };
}

function spanOf(member: Member): Span | undefined {
  return member.stored === undefined ? undefined : { at: member.stored.at, size: member.stored.size };
}
