/** Pairs for the finders of causes, made by hand. */
import { differs } from '../../src/explain/formats/index.ts';
import { byRegion } from '../../src/explain/by-region.ts';
import type { Account, CauseFinder, Delta, Differ, Pair, Side } from '../../src/explain/types.ts';
import { coverOf } from '../../src/ledger/cover.ts';
import type { Member } from '../../src/ledger/types.ts';
import type { FormatName, RegionClass } from '../../src/model/region.ts';
import { bufferView } from '../../src/platform/view.ts';

const noWorkshop: Pair['workshop'] = {
  keep: () => Promise.reject(new Error('nothing is kept')),
  count: () => undefined,
};

/** A piece of a file; the name `member: field` makes it a part of a member. */
export interface Piece {
  readonly name: string;
  readonly bytes: Buffer | string;
  readonly class?: RegionClass;
  readonly value?: string;
}

export interface SideOptions {
  readonly mode?: Readonly<Record<string, string>>;
  /** Unpacked contents of members whose content is packed. */
  readonly unpacked?: Readonly<Record<string, Buffer>>;
}

export function sideOf(format: FormatName, pieces: readonly Piece[], options: SideOptions = {}): Side {
  const all = pieces.map(({ bytes }) => Buffer.from(bytes as Buffer));
  const view = bufferView(Buffer.concat(all));
  const cover = coverOf(format, view);
  const members = new Map<string, Member>();
  let at = 0;
  for (const [index, { name, class: kind = 'metadata', value }] of pieces.entries()) {
    const [, member, field = name] = /^(.*): (.*)$/.exec(name) ?? [];
    const size = all[index]?.length ?? 0;
    const of = member === undefined ? {} : { member };
    cover.add(at, size, kind, field, { ...of, ...(value === undefined ? {} : { value }) });
    if (member !== undefined && (field === 'content' || !members.has(member))) {
      const stored = { at, size };
      const mode = options.mode?.[member];
      const unpacked = options.unpacked?.[member];
      members.set(member, {
        key: member,
        type: 'file',
        fields: mode === undefined ? {} : { mode },
        size: unpacked?.length ?? size,
        ...(field === 'content' ? { stored } : {}),
        plain: unpacked === undefined,
        open: async () => (unpacked === undefined ? view.slice(stored.at, stored.size) : bufferView(unpacked)),
      });
    }
    at += size;
  }
  return { view, reading: { format, regions: cover.finish(), members: [...members.values()], facts: {} } };
}

export async function pairOf(released: Side, rebuilt: Side, more: Partial<Pair> = {}): Promise<Pair> {
  const { format } = released.reading;
  const differ = (differs as Partial<Record<FormatName, Differ>>)[format] ?? byRegion;
  return {
    path: '',
    format,
    released,
    rebuilt,
    deltas: await differ(released, rebuilt),
    inner: false,
    digests: { released: new Map(), rebuilt: new Map() },
    workshop: noWorkshop,
    ...more,
  };
}

export function textPair(released: string, rebuilt: string, more: Partial<Pair> = {}): Promise<Pair> {
  const side = (content: string): Side => sideOf('text', [{ name: 'text', bytes: content, class: 'content' }]);
  return pairOf(side(released), side(rebuilt), more);
}

/** What the finder says, and where the deltas lie that it leaves. */
export async function ask(
  finder: CauseFinder,
  pair: Pair,
): Promise<{ readonly accounts: readonly Account[]; readonly left: readonly string[] }> {
  const accounts = pair.deltas.length === 0 ? [] : await finder.find(pair, pair.deltas);
  const claimed = new Set<Delta>(accounts.flatMap(({ claims }) => claims));
  return { accounts, left: pair.deltas.filter((delta) => !claimed.has(delta)).map(({ where }) => where) };
}
