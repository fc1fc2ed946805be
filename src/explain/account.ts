/** Asks the causes, and keeps the account of which bytes each of them explains. */
import type { CauseKind } from '../model/difference.ts';
import { causeWeights } from '../model/difference.ts';
import { SamesourceError } from '../model/error.ts';
import type { Workshop } from '../ledger/types.ts';
import { ask } from './causes/in-order.ts';
import { causes } from './causes/index.ts';
import type { DigestLists } from './digests.ts';
import type { Account, Accounted, CauseFinder, CauseTable, Delta, Found, Node, Pair } from './types.ts';

/** From the inmost files outwards. @throws SamesourceError `bug` for a cause that claims what it was not offered */
export async function account(node: Node, digests: DigestLists, workshop: Workshop): Promise<Accounted> {
  const inner: Accounted[] = [];
  for (const one of node.inner) inner.push(await account(one, digests, workshop));
  const deltas = standing(node);
  const pair: Pair = {
    path: node.path,
    format: node.format,
    released: node.released,
    rebuilt: node.rebuilt,
    deltas,
    inner: inner.length > 0,
    digests,
    workshop,
    ...(node.note === undefined ? {} : { note: node.note }),
    ...(node.refusal === undefined ? {} : { refused: node.refusal.message }),
  };
  const found = await askAll(pair, causes);
  const explained = new Set(found.filter(({ kind }) => accountsFor(kind)).flatMap(({ claims }) => claims));
  const unexplained = weigh(deltas.filter((delta) => !explained.has(delta)));
  return { node, deltas, found, inner, unexplained };
}

/** Whether a cause of this kind explains the bytes that it claims, or only says what they are. */
export function accountsFor(kind: CauseKind): boolean {
  const weight = causeWeights[kind];
  return weight === 'real' || weight === 'benign';
}

/** Bytes that differ. */
export function weigh(deltas: readonly Delta[]): number {
  return deltas.reduce((sum, delta) => sum + delta.bytes, 0);
}

/** What follows from other regions differs only because those do; unless nothing else differs. */
function standing(node: Node): readonly Delta[] {
  const own = node.deltas.filter((delta) => delta.class !== 'derived');
  return own.length > 0 || node.inner.length > 0 ? own : node.deltas;
}

async function askAll(pair: Pair, table: CauseTable): Promise<Found[]> {
  const found: Found[] = [];
  let open = pair.deltas;
  for (const [kind, finder] of Object.entries(table) as [CauseKind, CauseFinder][]) {
    if (open.length === 0) break;
    for (const one of await ask(finder, pair, open)) {
      requireOffered(kind, one, open);
      found.push({ kind, ...one });
      const claimed = new Set(one.claims);
      open = open.filter((delta) => !claimed.has(delta));
    }
  }
  return found;
}

/** A delta that two causes claim would be explained twice, and another not at all. */
function requireOffered(kind: CauseKind, one: Account, open: readonly Delta[]): void {
  const offered = new Set(open);
  if (one.claims.length > 0 && one.claims.every((delta) => offered.has(delta))) return;
  throw new SamesourceError('bug', `the cause ${kind} claims what was not offered to it`);
}
