import { archive } from './archive.ts';
import { debian } from './debian.ts';
import { git } from './git.ts';
import type { SourceTable } from './types.ts';

export const sources = {
  git,
  archive,
  debian: debian,
} satisfies SourceTable;
