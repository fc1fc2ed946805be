import type { ArtifactVerdict, FileIdentity, Reason, Verdict } from '../../model/verdict.ts';
import { byteCount, field } from './layout.ts';

/** Each artifact with its outcome, full digests and where the shipped file came from. */
export function artifactLines(verdict: Verdict, width: number): string {
  return verdict.artifacts.map((artifact) => oneArtifact(artifact, verdict.reason, width).join('\n')).join('\n\n');
}

function oneArtifact(artifact: ArtifactVerdict, told: Reason | undefined, width: number): string[] {
  const { released, rebuilt, reason } = artifact;
  return [
    field('artifact', artifact.name, width),
    field('', reason === undefined ? artifact.outcome : `${artifact.outcome}: ${reason.code}`, width),
    // The verdict's own reason was told in full above.
    ...(reason === undefined || reason.message === told?.message ? [] : [field('', reason.message, width)]),
    ...(released === undefined ? [] : fileLines('released', released, width)),
    ...(rebuilt === undefined ? [] : rebuiltLines(rebuilt, released, width)),
    ...(released === undefined ? [] : originLines(released.from, width)),
  ];
}

function rebuiltLines(rebuilt: FileIdentity, released: FileIdentity | undefined, width: number): string[] {
  if (rebuilt.sha256 === released?.sha256) return [field('rebuilt', 'the same bytes', width)];
  return fileLines('rebuilt', rebuilt, width);
}

function fileLines(label: string, file: FileIdentity, width: number): string[] {
  const second = file.secondHash === 'agreed' ? 'SHA-256 by two implementations' : 'SHA-256';
  return [field(label, file.sha256, width), field('', `${second}, ${byteCount(file.size)}`, width)];
}

function originLines(from: NonNullable<ArtifactVerdict['released']>['from'], width: number): string[] {
  const last = from.urls.at(-1);
  return [
    ...(last === undefined ? [] : [field('from', last, width)]),
    ...(from.vouchedBy === undefined ? [] : [field('named by', from.vouchedBy, width)]),
  ];
}
