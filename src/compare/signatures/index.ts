import { authenticode } from './authenticode.ts';
import { clearSigned } from './clear-signed.ts';
import { deb } from './deb.ts';
import { machO } from './mach-o.ts';
import { rpm } from './rpm.ts';
import { trailer } from './trailer.ts';
import type { SignatureKind } from './types.ts';
import { zip } from './zip.ts';

/** The first that finds its signature in the released file takes it. */
export const signatures = {
  authenticode,
  zip,
  machO,
  deb,
  rpm,
  clearSigned,
  trailer,
} satisfies Record<string, SignatureKind>;
