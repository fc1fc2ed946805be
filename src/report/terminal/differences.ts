import type { Difference } from '../../model/difference.ts';
import type { ArtifactVerdict, Verdict } from '../../model/verdict.ts';
import { byteCount, field } from './layout.ts';

/** Where the files differ and why, worst first. */
export function differenceLines(verdict: Verdict, width: number): string {
  return verdict.artifacts
    .filter((artifact) => artifact.difference !== undefined)
    .map((artifact) => oneDifference(artifact, width))
    .join('\n\n');
}

function oneDifference({ name, difference }: ArtifactVerdict, width: number): string {
  if (difference === undefined) return '';
  return [field('differs', name, width), field('', summary(difference), width)].join('\n');
}

function summary(difference: Difference): string {
  return `${byteCount(difference.bytes)}, the first at offset ${difference.firstOffset}`;
}
