/** The document inside the page, bounded, with what was left out beside it. */
import { asciiJson } from '../../format/ascii-json.ts';
import type { Difference } from '../../model/difference.ts';
import type { Document } from '../types.ts';

const most = { files: 240, causes: 240, deltas: 12, allowed: 240 } as const;

/** JSON that nothing inside can end as markup. */
export function embeddedJson(value: unknown): string {
  return asciiJson(value).replaceAll(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
}

export interface LeftOut {
  readonly files: number;
  readonly causes: number;
  readonly places: number;
  readonly allowed: number;
}

/** What the page carries: the document, cut where its lists are long. */
export function embedded(document: Document): { readonly leftOut: LeftOut; readonly document: Document } {
  const differences =
    'verdict' in document ? document.artifacts.map(({ difference }) => difference) : [document.difference];
  const leftOut = differences.map(leftOutOf).reduce(add, { files: 0, causes: 0, places: 0, allowed: 0 });
  if ('verdict' in document) {
    return { leftOut, document: { ...document, artifacts: document.artifacts.map((one) => withCut(one)) } };
  }
  return { leftOut, document: withCut(document) };
}

function withCut<Holder extends { readonly difference?: Difference }>(holder: Holder): Holder {
  return holder.difference === undefined ? holder : { ...holder, difference: cutLists(holder.difference) };
}

function cutLists(difference: Difference): Difference {
  const { files, causes, allowed } = difference;
  return {
    ...difference,
    files: files.slice(0, most.files).map((file) => ({
      ...file,
      deltas: file.deltas.slice(0, most.deltas),
      deltasLeftOut: file.deltasLeftOut + Math.max(file.deltas.length - most.deltas, 0),
    })),
    causes: causes.slice(0, most.causes),
    ...(allowed === undefined ? {} : { allowed: allowed.slice(0, most.allowed) }),
  };
}

function leftOutOf(difference: Difference | undefined): LeftOut {
  const { files = [], causes = [], allowed = [] } = difference ?? {};
  const over = (length: number, limit: number): number => Math.max(length - limit, 0);
  return {
    files: over(files.length, most.files),
    causes: over(causes.length, most.causes),
    places: files.slice(0, most.files).reduce((sum, { deltas }) => sum + over(deltas.length, most.deltas), 0),
    allowed: over(allowed.length, most.allowed),
  };
}

function add(a: LeftOut, b: LeftOut): LeftOut {
  return {
    files: a.files + b.files,
    causes: a.causes + b.causes,
    places: a.places + b.places,
    allowed: a.allowed + b.allowed,
  };
}
