/** Finds every differing file, from the artifact inwards. */
import { SamesourceError, type ErrorCode } from '../model/error.ts';
import type { FormatName } from '../model/region.ts';
import { binary } from '../ledger/binary.ts';
import { formatOf, readLedger } from '../ledger/open.ts';
import type { Reading, Workshop } from '../ledger/types.ts';
import { commonEnds, type Unequal, unequal } from '../platform/unequal.ts';
import type { View } from '../platform/view.ts';
import { byRegion } from './by-region.ts';
import { differs } from './formats/index.ts';
import { type InnerPair, pairMembers } from './members.ts';
import type { Delta, Differ, Node, Side } from './types.ts';

export interface Twins {
  readonly path: string;
  /** Last part of the file's name, as far as it is packed; a hint only. */
  readonly name: string;
  readonly released: View;
  readonly rebuilt: View;
  /** What was found before, so that a large file is read once. */
  readonly found?: Unequal;
}

/** Packed more often than this, by a person, is not known. */
const deepest = 16;

/** Reads both and compares them with all that lies in them; what cannot be read is compared as bytes. */
export async function walk(twins: Twins, workshop: Workshop, depth = 0): Promise<Node> {
  const { name } = twins;
  const [released, rebuilt] = await Promise.all([
    attempt(twins.released, name, workshop),
    attempt(twins.rebuilt, name, workshop),
  ]);
  if (released.reading === undefined || rebuilt.reading === undefined) return unread(twins, released, rebuilt);
  if (released.reading.format !== rebuilt.reading.format) {
    return otherFormat(twins, released.reading.format, rebuilt.reading.format);
  }
  const sides: [Side, Side] = [
    { view: twins.released, reading: released.reading },
    { view: twins.rebuilt, reading: rebuilt.reading },
  ];
  return compareSides(twins, sides, workshop, depth);
}

/** The same, for what was read before. */
export async function compareSides(
  twins: Pick<Twins, 'path' | 'name' | 'found'>,
  [released, rebuilt]: readonly [Side, Side],
  workshop: Workshop,
  depth: number,
): Promise<Node> {
  const { format } = released.reading;
  const inside = await pairMembers(released, rebuilt);
  const deltas = [...(await deltasOf(released, rebuilt, twins.found)), ...inside.deltas];
  const [damage] = inside.damaged;
  const base = {
    path: twins.path,
    format,
    released,
    rebuilt,
    deltas,
    ...(damage === undefined
      ? {}
      : {
          note: damage.message,
          refusal: damage,
        }),
  };
  if (depth >= deepest) {
    const note = `not read further: packed in one another more than ${deepest} times`;
    return { ...base, deltas: [...deltas, ...inside.pairs.map(unreadMember)], inner: [], note };
  }
  const inner: Node[] = [];
  for (const { key, views } of inside.pairs) {
    const path = [twins.path, key].filter((part) => part !== '').join('/');
    const name = key === '' ? unpackedName(twins.name) : (key.split('/').at(-1) ?? key);
    inner.push(await walk({ path, name, released: views[0], rebuilt: views[1] }, workshop, depth + 1));
  }
  return { ...base, inner };
}

/** `data.tar.xz` holds `data.tar`. */
function unpackedName(name: string): string {
  return name.replace(/\.t([gxb])z$/, '.tar.$1z').replace(/\.[^.]*$/, '');
}

function unreadMember({ key, views }: InnerPair): Delta {
  const sizes = views.map(({ size }) => size);
  return { where: key, field: 'content', class: 'content', member: key, bytes: Math.max(...sizes) };
}

interface Attempt {
  readonly reading?: Reading;
  readonly format: Exclude<FormatName, 'directory'>;
  readonly error?: SamesourceError;
}

async function attempt(view: View, name: string, workshop: Workshop): Promise<Attempt> {
  const format = formatOf(view, name);
  try {
    return { format, reading: await readLedger(view, name, workshop, format) };
  } catch (error) {
    if (error instanceof SamesourceError && readable.has(error.code)) return { format, error };
    throw error;
  }
}

/** What a file may be found to be; anything else is not about the file. */
const readable: ReadonlySet<ErrorCode> = new Set(['archive-unsafe', 'unsupported', 'too-large']);

/** Formats whose readers out there skip what they do not expect: a file that is not sound is refused. */
const containers: ReadonlySet<FormatName> = new Set<string>([
  'tar',
  'zip',
  'ar',
  'gzip',
  'xz',
  'zstd',
  'bzip2',
]) as ReadonlySet<FormatName>;

async function unread(twins: Twins, released: Attempt, rebuilt: Attempt): Promise<Node> {
  const failed = released.error === undefined ? rebuilt : released;
  const side = failed === released ? 'released' : 'rebuilt';
  const refusal = failed.error?.code === 'archive-unsafe' && containers.has(failed.format) ? failed.error : undefined;
  const note = `the ${side} file is not read as ${failed.format}: ${failed.error?.message ?? ''}`;
  return { ...(await asBytes(twins)), note, ...(refusal === undefined ? {} : { refusal }) };
}

async function otherFormat(twins: Twins, theirs: FormatName, ours: FormatName): Promise<Node> {
  const node = await asBytes(twins);
  const bytes = node.deltas.reduce((sum, delta) => sum + delta.bytes, 0);
  const delta: Delta = {
    where: 'the whole file',
    field: 'format',
    class: 'structure',
    released: { at: 0, size: twins.released.size, text: theirs },
    rebuilt: { at: 0, size: twins.rebuilt.size, text: ours },
    bytes,
  };
  return { ...node, deltas: [delta] };
}

async function asBytes(twins: Twins): Promise<Node> {
  const [released, rebuilt] = [plainSide(twins.released), plainSide(twins.rebuilt)];
  const deltas = await byteDeltas(released, rebuilt, twins.found);
  return { path: twins.path, format: 'binary', released, rebuilt, deltas, inner: [] };
}

const noWorkshop: Workshop = {
  keep: () => Promise.reject(new Error('plain bytes are not unpacked')),
  count: () => undefined,
};

function plainSide(view: View): Side {
  return { view, reading: binary.read(view, noWorkshop, '') as Reading };
}

async function deltasOf(released: Side, rebuilt: Side, found: Unequal | undefined): Promise<readonly Delta[]> {
  const { format } = released.reading;
  if (format === 'binary') return byteDeltas(released, rebuilt, found);
  const differ = (differs as Partial<Record<FormatName, Differ>>)[format];
  return (differ === undefined ? undefined : await finer(differ, released, rebuilt)) ?? byRegion(released, rebuilt);
}

/** A hostile file may send a differ beyond its end: then it is compared region by region. */
async function finer(differ: Differ, released: Side, rebuilt: Side): Promise<readonly Delta[] | undefined> {
  try {
    return await differ(released, rebuilt);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

async function byteDeltas(released: Side, rebuilt: Side, found: Unequal | undefined): Promise<Delta[]> {
  const base = { field: 'bytes', class: 'opaque' } as const;
  if (released.view.size === rebuilt.view.size) {
    const { runs } = found ?? (await unequal(released.view, rebuilt.view));
    return runs.map(({ at, size, unequal: bytes }) => {
      return { ...base, where: `bytes at ${at}`, released: { at, size }, rebuilt: { at, size }, bytes };
    });
  }
  const { start, end } = commonEnds(released.view, rebuilt.view);
  const [a, b] = [released.view.size - start - end, rebuilt.view.size - start - end];
  const spans = { released: { at: start, size: a }, rebuilt: { at: start, size: b } };
  return [{ ...base, where: `bytes at ${start}`, ...spans, bytes: Math.max(a, b) }];
}
