/** The part of a document that says how two files differ and why. */
import { z } from 'zod';
import { namesShape, sha256Shape, sizeShape } from '../format/document-shapes.ts';
import { causeWeights, severities, type CauseKind, type Difference, type MovedSignature } from '../model/difference.ts';
import { regionClasses } from '../model/region.ts';

const kind = z.enum(Object.keys(causeWeights) as [CauseKind, ...CauseKind[]]);

const sample = z.strictObject({
  at: sizeShape,
  size: sizeShape,
  text: z.string().exactOptional(),
  hex: z
    .string()
    .regex(/^(?:[0-9a-f]{2}){0,64}$/)
    .exactOptional(),
});

const evidence = z.strictObject({
  where: z.string(),
  released: sample.exactOptional(),
  rebuilt: sample.exactOptional(),
});

const cause = z.strictObject({
  kind,
  path: z.string(),
  certainty: z.enum(['proved', 'suspected']),
  severity: z.enum(severities),
  summary: z.string(),
  evidence: z.array(evidence),
  evidenceLeftOut: sizeShape,
  explains: sizeShape,
  residual: sizeShape,
  fix: z.string().exactOptional(),
});

const file = z.strictObject({
  path: z.string(),
  formats: namesShape,
  change: z.enum(['changed', 'added', 'removed']),
  sizes: z.strictObject({ released: sizeShape.exactOptional(), rebuilt: sizeShape.exactOptional() }),
  bytes: sizeShape,
  unexplained: sizeShape,
  deltas: z.array(
    z.strictObject({
      ...evidence.shape,
      class: z.enum(regionClasses),
      bytes: sizeShape,
      cause: kind.exactOptional(),
    }),
  ),
  deltasLeftOut: sizeShape,
  note: z.string().exactOptional(),
});

const allowed = z.strictObject({
  allowance: z.string(),
  path: z.string(),
  regions: sizeShape,
  released: sha256Shape,
  rebuilt: sha256Shape,
});

export const differenceShape: z.ZodType<Difference> = z.strictObject({
  bytes: sizeShape,
  firstOffset: sizeShape,
  files: z.array(file),
  causes: z.array(cause),
  unexplained: sizeShape,
  allowed: z.array(allowed).exactOptional(),
});

export const signatureMovedShape: z.ZodType<MovedSignature> = z.strictObject({
  kind: z.string(),
  regions: z.array(z.strictObject({ name: z.string(), at: sizeShape, size: sizeShape, sha256: sha256Shape })),
  content: z.enum(['fits', 'not-checked']),
  signer: z.string().exactOptional(),
  remarks: namesShape,
});
