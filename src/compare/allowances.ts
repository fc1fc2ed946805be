/**
 * Named differences that a claim may declare and a caller may then accept. Each covers a closed set of
 * fields of the ledger; none covers names, modes, links or contents, and none is ever implied.
 */
import { runAsOwner } from '../ledger/run-as-owner.ts';
import type { AllowanceName } from '../model/allowance.ts';
import type { AllowedBytes } from '../model/difference.ts';
import type { FormatName } from '../model/region.ts';
import type { Accounted, Delta } from '../explain/types.ts';
import { sha256Stream } from '../platform/digest.ts';
import { pieces, type View } from '../platform/view.ts';

type Covers = Readonly<Record<string, readonly string[]>>;

const times = {
  tar: ['mtime', 'pax mtime', 'pax atime', 'pax ctime'],
  zip: ['mtime', 'central mtime', 'extended mtime', 'central extended mtime'],
  ar: ['mtime'],
  gzip: ['mtime'],
} as const;

/** Field names are those of the ledgers. */
const allowances = {
  'archive-time@1': times,
  'archive-owner@1': {
    tar: ['uid', 'gid', 'uname', 'gname', 'pax uid', 'pax gid', 'pax uname', 'pax gname'],
    zip: ['unix uid', 'central unix uid'],
    ar: ['uid', 'gid'],
  },
  'gzip-header@1': { gzip: ['mtime', 'compression flags', 'os', 'name'] },
  'compression@1': { gzip: ['packed'], xz: ['packed'], zstd: ['packed'], bzip2: ['packed'], zip: ['packed'] },
} as const satisfies Record<AllowanceName, Covers>;

export interface Allowed {
  /** Whether every differing byte is covered. */
  readonly all: boolean;
  readonly bytes: readonly AllowedBytes[];
}

/** Holds the account of a difference against the allowances that were declared. */
export function allow(root: Accounted, names: readonly AllowanceName[]): Allowed {
  const all = isCovered(root, names);
  return { all, bytes: names.flatMap((name) => record(root, name)) };
}

function isCovered(one: Accounted, names: readonly AllowanceName[]): boolean {
  const { node } = one;
  if (node.note !== undefined || (one.deltas.length === 0 && one.inner.length === 0)) return false;
  const follows = new Set(one.found.filter(followsFromContent).flatMap(({ claims }) => claims));
  const own = coveredBy(one, names);
  const all = one.deltas.every((delta) => follows.has(delta) || own.has(delta));
  // What is packed differs with its content, and could hold more than that says.
  const packed = one.inner.length === 0 || !isPacking(node.format) || names.includes('compression@1');
  return all && packed && one.inner.every((inner) => isCovered(inner, names));
}

function followsFromContent({ kind, certainty }: Accounted['found'][number]): boolean {
  return kind === 'embedded-digest' && certainty === 'proved';
}

function coveredBy({ node, deltas }: Accounted, names: readonly AllowanceName[]): ReadonlySet<Delta> {
  const powerful = runAsOwner(node.released.reading, node.rebuilt.reading);
  const covers = (name: AllowanceName, { field, member, released, rebuilt }: Delta): boolean => {
    if (released === undefined || rebuilt === undefined) return false;
    if (name === 'archive-owner@1' && powerful.has(member ?? '')) return false;
    return ((allowances[name] as Covers)[node.format] ?? []).includes(field);
  };
  return new Set(deltas.filter((delta) => names.some((name) => covers(name, delta))));
}

function isPacking(format: FormatName): boolean {
  return (allowances['compression@1'] as Covers)[format] !== undefined;
}

function record(one: Accounted, name: AllowanceName): AllowedBytes[] {
  const { node } = one;
  const covered = [...coveredBy(one, [name])];
  const own =
    covered.length === 0
      ? []
      : [
          {
            allowance: name,
            path: node.path,
            regions: covered.length,
            released: digestOf(node.released.view, covered, 'released'),
            rebuilt: digestOf(node.rebuilt.view, covered, 'rebuilt'),
          },
        ];
  return [...own, ...one.inner.flatMap((inner) => record(inner, name))];
}

function digestOf(view: View, deltas: readonly Delta[], side: 'released' | 'rebuilt'): AllowedBytes['released'] {
  const hash = sha256Stream();
  for (const delta of deltas) {
    const span = delta[side];
    if (span !== undefined) for (const piece of pieces(view.slice(span.at, span.size))) hash.update(piece);
  }
  return hash.digest();
}
