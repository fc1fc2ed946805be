import { bubblewrapEngine } from './bubblewrap/engine.ts';
import type { Engine, EngineKind } from './types.ts';

export const engines = {
  bubblewrap: bubblewrapEngine(),
} as const satisfies Partial<Record<EngineKind, Engine>>;
