/** Parts that several of our JSON documents share: the lock, the verdict. */
import { z } from 'zod';
import type { ReleaseClaim } from '../model/claim.ts';
import type { GitId, Sha256 } from '../model/digest.ts';
import type { SignatureCheck, TreeDrift } from '../model/lock.ts';

type Json<T> = z.ZodType<T, T>;

export const sha256Shape = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256') as unknown as Json<Sha256>;
export const gitIdShape = z
  .string()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'not a git object id') as unknown as Json<GitId>;

/** Bytes. */
export const sizeShape = z.int().min(0);
export const platformShape = z.enum(['linux/amd64', 'linux/arm64']);
export const namesShape = z.array(z.string());

export const signatureShape: Json<SignatureCheck> = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('not-required') }),
  z.strictObject({ status: z.literal('valid'), by: z.string(), fingerprint: z.string() }),
  z.strictObject({ status: z.literal('unknown-key'), keyId: z.string() }),
]);

export const driftShape: Json<TreeDrift> = z.strictObject({
  extra: namesShape,
  missing: namesShape,
  changed: namesShape,
});

export const releaseShape: Json<ReleaseClaim> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('url'), url: z.string() }),
  z.strictObject({ kind: z.literal('file'), path: z.string() }),
  z.strictObject({
    kind: z.literal('debian'),
    package: z.string(),
    version: z.string(),
    arch: z.string(),
    suites: namesShape,
  }),
]);
