/** The lock file: one definition, checked when it is read and when it is written. */
import { z } from 'zod';
import {
  driftShape,
  gitIdShape,
  namesShape,
  platformShape,
  releaseShape,
  sha256Shape,
  signatureShape,
  sizeShape,
} from '../format/document-shapes.ts';
import type { Lock } from '../model/lock.ts';

const epoch = z.int().describe('seconds since 1970');

const gitLock = z.strictObject({
  kind: z.literal('git'),
  url: z.string(),
  ref: z.string().exactOptional(),
  tagObject: gitIdShape.exactOptional(),
  commit: gitIdShape,
  tree: gitIdShape,
  dirHash: sha256Shape,
  epoch,
  signature: signatureShape,
});

const archiveLock = z.strictObject({
  kind: z.literal('archive'),
  url: z.string(),
  sha256: sha256Shape,
  size: sizeShape,
  dirHash: sha256Shape,
  epoch,
  against: gitLock.exactOptional(),
  drift: driftShape.exactOptional(),
});

const poolFile = z.strictObject({
  name: z.string(),
  archive: z.string(),
  path: z.string(),
  seen: z.string(),
  sha256: sha256Shape,
  size: sizeShape,
});

const debianSourceLock = z.strictObject({
  kind: z.literal('debian'),
  package: z.string(),
  version: z.string(),
  files: z.array(poolFile),
  signature: signatureShape,
});

const debianToolchainLock = z.strictObject({
  kind: z.literal('debian'),
  platform: platformShape,
  indexes: z.array(
    z.strictObject({
      suite: z.string(),
      date: z.string(),
      inRelease: sha256Shape,
      packages: sha256Shape,
      signedBy: namesShape,
    }),
  ),
  packages: z.array(z.strictObject({ ...poolFile.shape, version: z.string(), arch: z.string() })),
});

const imageLock = z.strictObject({
  kind: z.literal('image'),
  platform: platformShape,
  image: z.string(),
  manifest: sha256Shape,
});

const artifactLock = z.strictObject({
  path: z.string(),
  released: releaseShape,
  urls: namesShape,
  sha256: sha256Shape,
  size: sizeShape,
  member: z.strictObject({ path: z.string(), sha256: sha256Shape, size: sizeShape }).exactOptional(),
});

export const lockSchema: z.ZodType<Lock> = z.strictObject({
  lock: z.literal(1),
  claim: sha256Shape.describe('SHA-256 of the canonical JSON of the claim'),
  source: z.discriminatedUnion('kind', [gitLock, archiveLock, debianSourceLock]),
  toolchain: z.discriminatedUnion('kind', [debianToolchainLock, imageLock]),
  artifacts: z.array(artifactLock).min(1),
});
