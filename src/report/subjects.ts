/** The pairs of files that a document is about, in one form for verdicts and comparisons. */
import type { ComparedFile } from '../model/comparison.ts';
import type { Difference, MovedSignature } from '../model/difference.ts';
import type { ArtifactVerdict, FileIdentity, Origin, Outcome, Reason } from '../model/verdict.ts';
import type { Document } from './types.ts';

export interface Subject {
  /** Untrusted. */
  readonly name: string;
  readonly outcome: Outcome;
  /** Only if it is not the document's own. */
  readonly reason?: Reason;
  readonly released?: SubjectFile;
  readonly rebuilt?: SubjectFile;
  readonly difference?: Difference;
  readonly signature?: MovedSignature;
}

export interface SubjectFile {
  /** As the user named it, in a comparison. Untrusted. */
  readonly path?: string;
  readonly kind: 'file' | 'directory';
  readonly size: number;
  readonly sha256?: string;
  readonly sha512?: string;
  readonly secondHash?: FileIdentity['secondHash'];
  readonly from?: Origin;
}

export function subjectsOf(document: Document): readonly Subject[] {
  if ('verdict' in document) return document.artifacts.map((artifact) => ofArtifact(artifact, document.reason));
  const { outcome, released, rebuilt, difference, signature } = document;
  return [
    {
      name: released.path,
      outcome,
      released: compared(released),
      rebuilt: compared(rebuilt),
      ...(difference === undefined ? {} : { difference }),
      ...(signature === undefined ? {} : { signature }),
    },
  ];
}

function ofArtifact(artifact: ArtifactVerdict, told: Reason | undefined): Subject {
  const { path: _path, reason, released, rebuilt, ...rest } = artifact;
  return {
    ...rest,
    ...(reason === undefined || reason.message === told?.message ? {} : { reason }),
    ...(released === undefined ? {} : { released: { kind: 'file', ...released } }),
    ...(rebuilt === undefined ? {} : { rebuilt: { kind: 'file', ...rebuilt } }),
  };
}

function compared({ path, kind, size, sha256, sha512 }: ComparedFile): SubjectFile {
  return {
    path,
    kind,
    size,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(sha512 === undefined ? {} : { sha512 }),
  };
}
