import { coverOf } from './cover.ts';
import type { Format } from './types.ts';

/** Anything else. */
export const binary: Format = {
  recognises: () => true,
  read(view) {
    const cover = coverOf('binary', view);
    cover.add(0, view.size, 'opaque', 'bytes');
    return { format: 'binary', regions: cover.finish(), members: [], facts: {} };
  },
};
