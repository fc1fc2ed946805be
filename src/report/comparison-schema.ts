/** The document of a comparison: one definition, from which it is checked and its JSON Schema is made. */
import { z } from 'zod';
import { sha256Shape, sizeShape } from '../format/document-shapes.ts';
import type { Comparison } from '../model/comparison.ts';
import { outcomes } from '../model/verdict.ts';
import { differenceShape, signatureMovedShape } from './difference-schema.ts';
import { reasonShape, timeShape } from './verdict-schema.ts';

const compared = z.strictObject({
  path: z.string(),
  kind: z.enum(['file', 'directory']),
  size: sizeShape,
  sha256: sha256Shape.exactOptional(),
  sha512: z
    .string()
    .regex(/^[0-9a-f]{128}$/)
    .exactOptional(),
});

export const comparisonSchema: z.ZodType<Comparison> = z.strictObject({
  comparison: z.literal(1),
  samesource: z.string().describe('version of samesource'),
  outcome: z.enum(outcomes),
  reason: reasonShape.exactOptional(),
  released: compared,
  rebuilt: compared,
  difference: differenceShape.exactOptional(),
  signature: signatureMovedShape.exactOptional(),
  secondOpinion: z
    .strictObject({
      by: z.string(),
      end: z.enum(['no-difference', 'difference', 'failed', 'not-installed']),
      text: z.string(),
      leftOut: sizeShape,
    })
    .exactOptional(),
  startedAt: timeShape,
  finishedAt: timeShape,
});
