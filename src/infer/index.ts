import { debianInference } from './debian/index.ts';
import type { Inference } from './types.ts';

/** By the type of the package URL. */
export const inferences = {
  deb: debianInference,
} satisfies Record<string, Inference>;
