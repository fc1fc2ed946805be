import type { View } from '../../platform/view.ts';
import type { Member } from '../../ledger/types.ts';
import type { Encoder } from '../encoders/deflate.ts';
import { countEntries } from '../spans.ts';
import type { Account, CauseFinder, Delta, Pair } from '../types.ts';

/** Payloads up to this size are packed whole, larger ones by their start. */
const whole = 64 * 1024 * 1024;
const start = 4 * 1024 * 1024;
/** Bytes packed for one pair; what is left then is only suspected. */
const most = 256 * 1024 * 1024;

interface Finding {
  readonly released: string | undefined;
  readonly rebuilt: string | undefined;
  readonly proved: boolean;
}

/** The same content, packed in another way: our payload is packed by each encoder, until the shipped bytes come out. */
export const compression: CauseFinder = {
  async find(pair, open) {
    const packed = open.filter(({ field }) => field === 'packed');
    if (packed.length === 0 || pair.note !== undefined) return [];
    if (!isDeflate(pair)) return [otherFamily(pair, packed, open)];
    const members = new Map(pair.rebuilt.reading.members.map((member) => [member.key, member]));
    const others = new Map(pair.released.reading.members.map((member) => [member.key, member]));
    const search = searcher(await import('../encoders/deflate.ts'));
    const groups = new Map<string, { finding: Finding; deltas: Delta[] }>();
    for (const delta of packed) {
      const member = members.get(delta.member ?? '');
      if (member === undefined) continue;
      const finding = await examine(pair, delta, [others.get(member.key)?.plain === true, member], search);
      const key = JSON.stringify(finding);
      const group = groups.get(key) ?? { finding, deltas: [] };
      groups.set(key, group);
      group.deltas.push(delta);
    }
    return [...groups.values()].map(({ finding, deltas }) => tell(pair, finding, withMethod(pair, deltas, open)));
  },
};

function isDeflate({ format }: Pair): boolean {
  return (format as string) === 'zip' || format === 'gzip';
}

type Search = (payload: View, packed: View, limit: number) => { encoder: Encoder; exact: boolean } | undefined;

/** Tries what fitted last first: an archive's entries are packed alike. */
function searcher({ encoders, packsTo }: typeof import('../encoders/deflate.ts')): Search {
  const order = [...encoders];
  let left = most;
  return (payload, packed, limit) => {
    for (const [index, encoder] of order.entries()) {
      if (left <= 0) return undefined;
      const { agrees, exact, read } = packsTo(encoder, payload, packed, limit);
      left -= read;
      if (!agrees) continue;
      order.splice(index, 1);
      order.unshift(encoder);
      return { encoder, exact };
    }
    return undefined;
  };
}

async function examine(
  pair: Pair,
  delta: Delta,
  [isStored, member]: readonly [boolean, Member],
  search: Search,
): Promise<Finding> {
  const payload = await member.open();
  const theirs = slice(pair.released.view, delta.released);
  const ours = slice(pair.rebuilt.view, delta.rebuilt);
  const limit = payload.size > whole ? start : whole;
  const found = isStored || theirs === undefined ? undefined : search(payload, theirs, limit);
  const built = member.plain || ours === undefined ? undefined : search(payload, ours, start);
  return {
    released: isStored ? 'stored' : found?.encoder.name,
    rebuilt: member.plain ? 'stored' : built?.encoder.name,
    proved: isStored || found?.exact === true,
  };
}

function slice(view: View, span: Delta['released']): View | undefined {
  return span === undefined ? undefined : view.slice(span.at, span.size);
}

/** Whether an entry is packed at all follows from how it is packed. */
function withMethod(pair: Pair, packed: readonly Delta[], open: readonly Delta[]): readonly Delta[] {
  if (pair.format === 'gzip') return packed;
  const members = new Set(packed.map(({ member }) => member));
  return [...packed, ...open.filter(({ field, member }) => /^(?:central )?method$/.test(field) && members.has(member))];
}

function tell(pair: Pair, { released, rebuilt, proved }: Finding, claims: readonly Delta[]): Account {
  const where = pair.format === 'gzip' ? '' : ` in ${countEntries(claims)}`;
  const theirs = released ?? 'another encoder (none of zlib, levels 1 to 9: perhaps GNU gzip, 7-Zip, zopfli, Go)';
  const summary = `the same content${where}, packed by ${theirs} instead of ${rebuilt ?? 'an encoder other than zlib'}`;
  const level = released === undefined ? undefined : /^zlib level (\d)/.exec(released)?.[1];
  const fix = level === undefined ? {} : { fix: `compress with zlib at level ${level}` };
  return { claims, certainty: proved ? 'proved' : 'suspected', summary, ...fix };
}

/** Encoders that are not tried: the content is equal, and the rest of the stream says how it was packed. */
function otherFamily(pair: Pair, packed: readonly Delta[], open: readonly Delta[]): Account {
  const isAlone = (['xz', 'zstd', 'bzip2'] as readonly string[]).includes(pair.format);
  const claims = isAlone ? open.filter((delta) => isOfStream(delta)) : packed;
  const summary = `the same content, packed by another level, number of threads or version of ${pair.format}`;
  return { claims, certainty: 'suspected', summary };
}

function isOfStream(delta: Delta): boolean {
  return delta.field === 'packed' || ['structure', 'content', 'derived', 'padding'].includes(delta.class);
}
