import type { CauseTable } from '../types.ts';

/** Asked from top to bottom: what proves most first, what only names a difference last. */
export const causes = {} satisfies CauseTable;
