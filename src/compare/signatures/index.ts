import { authenticode } from './authenticode.ts';
import type { SignatureKind } from './types.ts';

/** The first that finds its signature in the released file takes it. */
export const signatures = {
  authenticode,
} satisfies Record<string, SignatureKind>;
