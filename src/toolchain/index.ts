import type { ToolchainKind } from '../model/claim.ts';
import { debianPackages } from './debian-packages/index.ts';
import type { Toolchain } from './types.ts';

export const toolchains = {
  debian: debianPackages,
} as Record<ToolchainKind, Toolchain<never, never>>;
