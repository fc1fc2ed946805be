import { changedLines, fileName, linesOf } from '../lines.ts';
import { listed } from '../spans.ts';
import type { CauseFinder, Delta, Pair } from '../types.ts';

/** A text that lists digests of files: what changed in it is exactly the digests of files that differ. */
export const embeddedDigest: CauseFinder = {
  formats: ['text'],
  find(pair, open) {
    const names = new Set<string>();
    const claims: Delta[] = [];
    const sized: Delta[] = [];
    for (const delta of open) {
      const result = judge(pair, delta, names);
      if (result === 'proved') claims.push(delta);
      if (result === 'suspected') sized.push(delta);
    }
    const summary = `digests of files that differ themselves: ${listed([...names].toSorted())}`;
    const withSizes = `${summary}, with their sizes, which were not checked`;
    return [
      ...(claims.length === 0 ? [] : [{ claims, certainty: 'proved' as const, summary }]),
      ...(sized.length === 0 ? [] : [{ claims: sized, certainty: 'suspected' as const, summary: withSizes }]),
      ...installedSize(pair, open),
    ];
  },
};

/** Hex of MD5, SHA-1, SHA-256 and SHA-512, and their base64 in both alphabets, padded or not. */
const token =
  /(?<![\w+/=-])(?:[0-9a-f]{128}|[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}|[0-9A-F]{64})(?![\w+/])|(?<![\w+/])(?:[\w+/-]{86}(?:==)?|[\w+/-]{43}=?|[\w+/-]{27}=|[\w+/-]{22}==)(?![\w+/=-])/g;

function judge(pair: Pair, delta: Delta, names: Set<string>): 'proved' | 'suspected' | undefined {
  const lines = linesOf(pair, delta);
  if (lines === undefined || lines.released.length !== lines.rebuilt.length) return undefined;
  let certainty: 'proved' | 'suspected' = 'proved';
  for (const [index, released] of lines.released.entries()) {
    const rebuilt = lines.rebuilt[index] ?? '';
    if (released === rebuilt) continue;
    const replaced = replaceDigests(pair, released, rebuilt, names);
    if (replaced === undefined) return undefined;
    if (replaced === released) continue;
    if (replaced.replace(sizeOfRecord, '') !== released.replace(sizeOfRecord, '')) return undefined;
    certainty = 'suspected';
  }
  return certainty;
}

/** PEP 376: `name,sha256=…,size`. */
const sizeOfRecord = /(?<=,sha256=[\w-]{43},)\d+$/;

/** Our line with the digest of our file replaced by that of the released file of the same path. */
function replaceDigests(pair: Pair, released: string, rebuilt: string, names: Set<string>): string | undefined {
  const theirs = [...released.matchAll(token)].map(([found]) => found);
  const ours = [...rebuilt.matchAll(token)];
  if (theirs.length !== ours.length) return undefined;
  let changed = false;
  const found: string[] = [];
  const parts: string[] = [];
  let end = 0;
  for (const [index, match] of ours.entries()) {
    const other = theirs[index] ?? '';
    parts.push(rebuilt.slice(end, match.index), other);
    end = match.index + match[0].length;
    if (other === match[0]) continue;
    const path = pair.digests.released.get(hexOf(other));
    if (path === undefined || path !== pair.digests.rebuilt.get(hexOf(match[0]))) return undefined;
    changed = true;
    found.push(path);
  }
  if (!changed) return undefined;
  for (const path of found) names.add(path);
  return parts.join('') + rebuilt.slice(end);
}

function hexOf(digest: string): string {
  if (/^[0-9a-fA-F]+$/.test(digest) && [32, 40, 64, 128].includes(digest.length)) return digest.toLowerCase();
  return Buffer.from(digest, 'base64').toString('hex');
}

/** deb-control(5): follows from the sizes of all files. */
function installedSize(
  pair: Pair,
  open: readonly Delta[],
): { claims: Delta[]; certainty: 'suspected'; summary: string }[] {
  if (fileName(pair) !== 'control') return [];
  const size = /^Installed-Size: \d{1,12}$/;
  const lines = changedLines(pair, open).filter(({ released, rebuilt }) => size.test(released) && size.test(rebuilt));
  const [line] = lines;
  if (line === undefined) return [];
  const summary = `${line.released} released, ${line.rebuilt} rebuilt: follows from the sizes of the files`;
  return [{ claims: [line.delta], certainty: 'suspected', summary }];
}
