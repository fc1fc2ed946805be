import type { ReleaseKind } from '../model/claim.ts';
import { debianRelease } from './debian.ts';
import { fileRelease } from './file.ts';
import type { Release } from './types.ts';
import { urlRelease } from './url.ts';

export const releases = {
  url: urlRelease,
  file: fileRelease,
  debian: debianRelease,
} satisfies Record<ReleaseKind, Release<never>>;
