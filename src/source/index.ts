import type { SourceKind } from '../model/claim.ts';
import { debianSource } from './debian.ts';
import { git } from './git.ts';
import type { Source } from './types.ts';

export const sources = {
  git,
  debian: debianSource,
} as unknown as Record<SourceKind, Source<never, never>>;
