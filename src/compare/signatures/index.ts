import { authenticode } from './authenticode.ts';
import type { SignatureKind } from './types.ts';
import { zip } from './zip.ts';

/** The first that finds its signature in the released file takes it. */
export const signatures = {
  authenticode,
  zip,
} satisfies Record<string, SignatureKind>;
