import { debianPackages } from './debian-packages/index.ts';
import { ociImage } from './oci-image/oci-image.ts';
import type { ToolchainTable } from './types.ts';

export const toolchains = {
  debian: debianPackages,
  image: ociImage,
} satisfies ToolchainTable;
