import { changedLines, fileName, type LinePair } from '../lines.ts';
import { listed, shortened } from '../spans.ts';
import type { CauseFinder } from '../types.ts';

/** Files that say which versions a build took. */
const files =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|\.package-lock\.json|yarn\.lock|pnpm-lock\.yaml|cargo\.lock|go\.(?:mod|sum)|composer\.lock|gemfile\.lock|poetry\.lock|uv\.lock|pipfile\.lock|requirements[\w-]*\.txt|control|metadata|pkg-info|pom\.properties|pom\.xml|modules\.txt|dependencies|dependency-list\.txt)$|\.(?:buildinfo|spdx|spdx\.json|cdx\.json|deps\.json|nuspec)$/;

/** `1.2.3-rc.1+build~5`, `2:1.0-3`, `v0.0.0-20240101…`. */
const version =
  /(?<![\w.])v?(?:\d+:)?\d+(?:\.\d+)+(?:[-+~.]?[\dA-Za-z]+(?:[-+~.][\dA-Za-z]+)*)?(?:\+incompatible)?(?![\w])/g;

/** The same names with other versions. What was built with them may differ for that, and does not follow from it. */
export const dependencyVersion: CauseFinder = {
  formats: ['text'],
  find(pair, open) {
    if (!files.test(fileName(pair))) return [];
    const lines = changedLines(pair, open).filter(
      (line) => isOtherVersion(line) && !isOwnVersion(fileName(pair), line),
    );
    if (lines.length === 0) return [];
    const told = listed(lines.map(tell));
    const summary = `other versions of what it was built from: ${told}`;
    const fix = 'build with the versions of the release: a lock file, npm ci, a snapshot of the distribution';
    return [{ claims: lines.map(({ delta }) => delta), certainty: 'suspected', summary, fix }];
  },
};

function isOtherVersion({ released, rebuilt }: LinePair): boolean {
  return released !== rebuilt && released.replaceAll(version, '\0') === rebuilt.replaceAll(version, '\0');
}

/** That of the package itself: it is another release. */
function isOwnVersion(name: string, { released }: LinePair): boolean {
  return (
    (name === 'control' || name === 'metadata' || name === 'pkg-info') &&
    /^(?:Version|Metadata-Version):/i.test(released)
  );
}

function tell({ released, rebuilt }: LinePair): string {
  const [theirs, ours] = [released, rebuilt].map((line) => line.match(version) ?? []);
  const index = theirs?.findIndex((one, at) => one !== ours?.[at]) ?? 0;
  const changed = theirs?.[index] ?? '';
  const before = released.slice(0, released.indexOf(changed)).match(/[@\w][@\w./-]*(?=[^\w]*$)/)?.[0] ?? 'one';
  return `${shortened(before, 60)} ${shortened(changed, 40)} released, ${shortened(ours?.[index] ?? '', 40)} rebuilt`;
}
