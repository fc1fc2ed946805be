/** Turns the account into the words of the verdict. */
import {
  causeWeights,
  type Cause,
  type DeltaRecord,
  type Evidence,
  type FileDifference,
  type Sample,
  severities,
  type Severity,
} from '../model/difference.ts';
import { excerpt } from '../format/excerpt.ts';
import type { View } from '../platform/view.ts';
import { accountsFor, weigh } from './account.ts';
import type { Accounted, Delta, Found, Pair, Span } from './types.ts';

/** How much is told of one cause and of one file; the numbers say how much there is. */
const most = { evidence: 8, deltas: 40, hexBytes: 64, text: 200 };

/** Every differing file, from the artifact inwards. */
export function describeFiles(root: Accounted): FileDifference[] {
  const layers = layersOf(root);
  const inmost = layers.at(-1) ?? root;
  return [describeFile(root), ...layers.flatMap(oneSided), ...inmost.inner.flatMap(describeFiles)];
}

/** What is packed in one another without a name of its own is told as one file. */
function describeFile(outer: Accounted): FileDifference {
  const layers = layersOf(outer);
  const inmost = layers.at(-1) ?? outer;
  const records = layers.flatMap(recordsOf);
  const shown = records.toSorted((a, b) => b.bytes - a.bytes).slice(0, most.deltas);
  const notes = layers.flatMap(({ node }) => node.note ?? []);
  return {
    path: outer.node.path,
    formats: layers.map(({ node }) => node.format),
    change: 'changed',
    sizes: { released: inmost.node.released.view.size, rebuilt: inmost.node.rebuilt.view.size },
    bytes: layers.reduce((sum, layer) => sum + weigh(layer.deltas), 0),
    unexplained: layers.reduce((sum, layer) => sum + layer.unexplained, 0),
    deltas: shown,
    deltasLeftOut: layers.reduce((sum, { deltas }) => sum + deltas.length, 0) - shown.length,
    ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
  };
}

function layersOf(outer: Accounted): Accounted[] {
  const [only] = outer.inner;
  return only === undefined || only.node.path !== outer.node.path ? [outer] : [outer, ...layersOf(only)];
}

function recordsOf({ node, deltas, found }: Accounted): DeltaRecord[] {
  const causes = new Map(found.flatMap(({ kind, claims }) => claims.map((delta) => [delta, kind] as const)));
  return heaviest(deltas, most.deltas).map((delta) => record(node, delta, causes.get(delta)));
}

function record(sides: Sides, delta: Delta, cause: Found['kind'] | undefined): DeltaRecord {
  const { class: kind, bytes } = delta;
  return { ...show(sides, delta), class: kind, bytes, ...(cause === undefined ? {} : { cause }) };
}

/** Files that one side lacks stand in the list of files too. */
function oneSided({ node, deltas }: Accounted): FileDifference[] {
  return deltas
    .filter(({ field }) => field === 'member')
    .map((delta) => ({
      path: [node.path, delta.where].filter((part) => part !== '').join('/'),
      formats: [],
      change: delta.released === undefined ? ('added' as const) : ('removed' as const),
      sizes: {
        ...(delta.released === undefined ? {} : { released: delta.released.size }),
        ...(delta.rebuilt === undefined ? {} : { rebuilt: delta.rebuilt.size }),
      },
      bytes: 0,
      unexplained: 0,
      deltas: [],
      deltasLeftOut: 0,
    }));
}

/** Every cause of every file, worst first. */
export function describeCauses(root: Accounted): Cause[] {
  const order = Object.keys(causeWeights);
  return collect(root).toSorted(
    (a, b) =>
      severities.indexOf(b.severity) - severities.indexOf(a.severity) ||
      order.indexOf(a.kind) - order.indexOf(b.kind) ||
      b.explains - a.explains ||
      (a.path < b.path ? -1 : 1),
  );
}

function collect(one: Accounted, packedAgain = false): Cause[] {
  const all = weighAll(one);
  const clean = !packedAgain && isCosmetic(one);
  const own = one.found.map((found) => describeCause(one, found, all, clean));
  return [...own, ...one.inner.flatMap((inner) => collect(inner, packedAgain || isPackedAgain(one)))];
}

function describeCause({ node }: Accounted, found: Found, all: number, clean: boolean): Cause {
  const explains = accountsFor(found.kind) ? weigh(found.claims) : 0;
  const claims = heaviest(found.claims, most.evidence);
  const evidence = found.evidence ?? claims.map((delta) => show(node, delta));
  return {
    kind: found.kind,
    path: node.path,
    certainty: found.certainty,
    severity: severityOf(found, clean),
    summary: found.summary,
    evidence: evidence.slice(0, most.evidence).map((piece) => bounded(piece)),
    evidenceLeftOut: Math.max(0, (found.evidence?.length ?? found.claims.length) - most.evidence),
    explains,
    residual: all - explains,
    ...(found.fix === undefined ? {} : { fix: found.fix }),
  };
}

/** Bytes that differ in this file and in all that lie in it. */
function weighAll(one: Accounted): number {
  return weigh(one.deltas) + one.inner.reduce((sum, inner) => sum + weighAll(inner), 0);
}

/** Other content was packed: a packer leaves room that can hold anything, and nothing was packed again here. */
function isPackedAgain({ node, inner }: Accounted): boolean {
  return inner.length > 0 && node.released.reading.members.some(({ plain }) => !plain);
}

/** Whether all that differs here and inside is proved to be without weight. */
function isCosmetic(one: Accounted): boolean {
  if (one.unexplained > 0 || !one.inner.every(isCosmetic)) return false;
  if (isPackedAgain(one)) return false;
  return one.found.every(({ kind, certainty }) => causeWeights[kind] === 'benign' && certainty === 'proved');
}

function severityOf({ kind }: Found, clean: boolean): Severity {
  if (causeWeights[kind] === 'grave') return 'grave';
  return clean ? 'cosmetic' : 'notable';
}

interface Sides extends Pick<Pair, 'released' | 'rebuilt'> {}

function show(sides: Sides, { where, released, rebuilt }: Delta): Evidence {
  return {
    where,
    ...(released === undefined ? {} : { released: sample(sides.released.view, released) }),
    ...(rebuilt === undefined ? {} : { rebuilt: sample(sides.rebuilt.view, rebuilt) }),
  };
}

function sample(view: View, { at, size, text }: Span): Sample {
  const bytes = at <= view.size ? view.read(at, Math.min(size, most.hexBytes, view.size - at)) : Buffer.alloc(0);
  const shown = text ?? excerpt(bytes);
  return {
    at,
    size,
    ...(shown === undefined ? {} : { text: shown.slice(0, most.text) }),
    ...(bytes.length === 0 ? {} : { hex: bytes.toString('hex') }),
  };
}

function bounded(evidence: Evidence): Evidence {
  const cut = (one: Sample | undefined): Sample | undefined =>
    one?.text === undefined ? one : { ...one, text: one.text.slice(0, most.text) };
  const [released, rebuilt] = [cut(evidence.released), cut(evidence.rebuilt)];
  return {
    where: evidence.where.slice(0, 1000),
    ...(released === undefined ? {} : { released }),
    ...(rebuilt === undefined ? {} : { rebuilt }),
  };
}

function heaviest(deltas: readonly Delta[], limit: number): readonly Delta[] {
  return deltas.length <= limit ? deltas : deltas.toSorted((a, b) => b.bytes - a.bytes).slice(0, limit);
}
