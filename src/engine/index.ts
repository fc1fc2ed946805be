import { bubblewrap } from './bubblewrap/engine.ts';
import { docker } from './docker.ts';
import { podman } from './podman.ts';
import type { Engine, EngineKind } from './types.ts';

export const engines = {
  bubblewrap,
  podman,
  docker,
} as const satisfies Record<EngineKind, Engine>;
