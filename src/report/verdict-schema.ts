/** The verdict document: one definition, from which it is checked and its JSON Schema is made. */
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
import { allowanceNames } from '../model/allowance.ts';
import { errorCodes, type ErrorCode } from '../model/error.ts';
import { outcomes, type Verdict } from '../model/verdict.ts';
import { differenceShape, signatureMovedShape } from './difference-schema.ts';

const outcome = z.enum(outcomes);
const codes = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]];
export const reasonShape = z.strictObject({
  code: z.enum(codes),
  message: z.string(),
  hint: z.string().exactOptional(),
});
const environment = z.record(z.string(), z.string());
export const timeShape = z.string().describe('ISO 8601, UTC');

const gitClaim = z.strictObject({
  kind: z.literal('git'),
  url: z.string(),
  tag: z.string().exactOptional(),
  commit: gitIdShape,
  tree: gitIdShape.exactOptional(),
  signers: z.string().exactOptional(),
  submodules: z.boolean().exactOptional(),
  lfs: z.boolean().exactOptional(),
});

const claim = z.strictObject({
  claim: z.literal(1),
  name: z.string(),
  source: z.discriminatedUnion('kind', [
    gitClaim,
    z.strictObject({
      kind: z.literal('archive'),
      url: z.string(),
      sha256: sha256Shape,
      strip: z.int().exactOptional(),
      against: gitClaim.exactOptional(),
    }),
    z.strictObject({
      kind: z.literal('debian'),
      package: z.string(),
      version: z.string(),
      suites: namesShape,
      binNmu: z.string().exactOptional(),
    }),
  ]),
  toolchain: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('debian'), suites: namesShape, packages: namesShape, platform: platformShape }),
    z.strictObject({ kind: z.literal('image'), image: z.string(), platform: platformShape }),
  ]),
  build: z.strictObject({
    dir: z.string(),
    env: environment,
    fetch: z.string().exactOptional(),
    run: z.string(),
    limits: z.strictObject({
      seconds: z.number(),
      memoryBytes: sizeShape,
      processes: z.int(),
      diskBytes: sizeShape,
    }),
  }),
  artifacts: z.array(
    z.strictObject({
      path: z.string(),
      released: releaseShape,
      sha256: sha256Shape.exactOptional(),
      member: z.string().exactOptional(),
      allow: z.array(z.enum(allowanceNames)),
    }),
  ),
  reviews: namesShape,
});

const source = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('git'),
    url: z.string(),
    ref: z.string().exactOptional(),
    tagObject: gitIdShape.exactOptional(),
    commit: gitIdShape,
    tree: gitIdShape,
    dirHash: sha256Shape,
    signature: signatureShape,
  }),
  z.strictObject({
    kind: z.literal('archive'),
    url: z.string(),
    sha256: sha256Shape,
    dirHash: sha256Shape,
    against: z.strictObject({ url: z.string(), commit: gitIdShape, tree: gitIdShape }).exactOptional(),
    drift: driftShape.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('debian'),
    package: z.string(),
    version: z.string(),
    files: z.array(z.strictObject({ name: z.string(), sha256: sha256Shape })),
    binNmu: z.string().exactOptional(),
    signature: signatureShape,
  }),
]);

const file = z.strictObject({
  sha256: sha256Shape,
  sha512: z.string().regex(/^[0-9a-f]{128}$/),
  size: sizeShape,
  secondHash: z.enum(['agreed', 'skipped']),
});

const origin = z.strictObject({
  urls: namesShape,
  fetchedAt: timeShape,
  vouchedBy: z.string().exactOptional(),
});

const artifact = z.strictObject({
  path: z.string(),
  name: z.string(),
  outcome,
  reason: reasonShape.exactOptional(),
  released: z.strictObject({ ...file.shape, from: origin }).exactOptional(),
  rebuilt: file.exactOptional(),
  difference: differenceShape.exactOptional(),
  signature: signatureMovedShape.exactOptional(),
});

export const verdictSchema: z.ZodType<Verdict> = z.strictObject({
  verdict: z.literal(1),
  samesource: z.string().describe('version of samesource'),
  outcome,
  reason: reasonShape.exactOptional(),
  claim: z.strictObject({ name: z.string(), sha256: sha256Shape, text: claim }),
  source: source.exactOptional(),
  toolchain: z
    .strictObject({
      kind: z.enum(['debian', 'image']),
      platform: z.string(),
      digest: sha256Shape,
      summary: z.string(),
    })
    .exactOptional(),
  engine: z
    .strictObject({ name: z.string(), version: z.string(), origin: z.string(), lacks: namesShape })
    .exactOptional(),
  build: z
    .strictObject({
      dir: z.string(),
      run: z.string(),
      env: environment,
      seconds: z.number(),
      log: z.strictObject({
        path: z.string(),
        sha256: sha256Shape,
        size: sizeShape,
        tail: namesShape.exactOptional(),
      }),
    })
    .exactOptional(),
  artifacts: z.array(artifact),
  notes: namesShape,
  startedAt: timeShape,
  finishedAt: timeShape,
});
