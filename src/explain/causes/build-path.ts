import { isProgramText } from '../lines.ts';
import type { Account, CauseFinder, Pair } from '../types.ts';
import { type PathChange, pathChange, type TokenDelta, tokenDeltas } from '../tokens.ts';

/** More maps than this are no longer a small parameter. */
const mostMaps = 3;

/** Built in another directory: one prefix of paths, wherever they stand, is another one. */
export const buildPath: CauseFinder = {
  find(pair, open) {
    const found = tokenDeltas(pair, open, 'build-path').filter(({ text }) => !isLoaderPath.test(text.delta.where));
    const changes = found.flatMap(({ edits }) =>
      edits.flatMap((edit) => (edit.kind === 'build-path' ? (pathChange(edit) ?? []) : [])),
    );
    const maps = mapsOf(changes);
    const [first] = maps;
    if (first === undefined) return [];
    const claims = found.map(({ text }) => text.delta);
    const certainty =
      areFew(maps, changes) && found.every((one) => isOfBuild(pair, one, changes)) ? 'proved' : 'suspected';
    const others = maps.length === 1 ? '' : ` and ${maps.length - 1} more`;
    const summary = `built in ${first.released} instead of ${first.rebuilt}${others}`;
    return [{ claims, certainty, summary, fix: fixFor(pair, first) } satisfies Account];
  },
};

/** Where the loader looks for libraries, and the loader itself: what runs follows from these. */
const isLoaderPath = /^\.(?:interp|dynstr)\b/;

/** A map that one place alone needs may be a change of that place. */
function areFew(maps: readonly PathMap[], changes: readonly PathChange[]): boolean {
  if (maps.length === 1) return true;
  const uses = maps.map((map) => changes.filter((change) => follows(change, map)).length);
  return maps.length <= mostMaps && uses.every((count) => count > 1);
}

function follows({ released, rebuilt }: PathChange, map: PathMap): boolean {
  return rebuilt.startsWith(map.rebuilt) && map.released + rebuilt.slice(map.rebuilt.length) === released;
}

interface PathMap {
  readonly released: string;
  readonly rebuilt: string;
}

/** The shortest prefixes that account for all: `/build/src` follows from `/build`. */
function mapsOf(changes: readonly PathChange[]): PathMap[] {
  const maps: PathMap[] = [];
  const sorted = changes.toSorted(
    (a, b) => a.rebuilt.length + a.released.length - b.rebuilt.length - b.released.length,
  );
  for (const { released, rebuilt } of sorted) {
    const known = maps.some(
      (map) => rebuilt.startsWith(map.rebuilt) && map.released + rebuilt.slice(map.rebuilt.length) === released,
    );
    if (!known && maps.length < 100) maps.push({ released, rebuilt });
  }
  return maps;
}

const source =
  /\.(?:c|cc|cpp|cxx|h|hh|hpp|hxx|m|mm|s|S|rs|go|java|kt|scala|f|f90|adb|ads|pas|d|zig|swift|ml|hs|asm|cs|vala|o|obj|pdb|dwo)$/;
/** Run from where they lie, so that a path to one may say what is run; not where that is compiled itself. */
const script = /\.(?:py|js|ts)$/;

/**
 * A path that a program uses may be changed on purpose: it counts as a build's only if it names a
 * source file, is for debuggers, or lies where another path of the kind shows that the build was.
 */
function isOfBuild(pair: Pair, { text, edits }: TokenDelta, changes: readonly PathChange[]): boolean {
  const isSource = (rest: string): boolean => source.test(rest) || (pair.format === 'pyc' && script.test(rest));
  if (edits.some((edit) => edit.kind !== 'build-path')) return false;
  if (text.delta.class === 'debug') return true;
  // What a program's text names is what it runs or takes in; a list of directories is where it looks.
  if (isProgramText(pair)) return false;
  return edits.every((edit) => {
    const change = pathChange(edit);
    if (change === undefined || [change.released, change.rebuilt].some((path) => path.includes(':', 2))) return false;
    if (isSource(change.rest)) return true;
    if (pair.format === 'text' || pair.format === 'binary') return false;
    return changes.some(
      (one) => one.released === change.released && one.rebuilt === change.rebuilt && isSource(one.rest),
    );
  });
}

function fixFor({ released, rebuilt }: Pair, { released: path }: PathMap): string {
  const facts = `${released.reading.facts['compiler'] ?? ''} ${rebuilt.reading.facts['producer'] ?? ''}`;
  if (/rustc/.test(facts)) return `--remap-path-prefix=${path}=.`;
  if (released.reading.facts['go'] !== undefined) return '-trimpath';
  return `-ffile-prefix-map=${path}=.`;
}
