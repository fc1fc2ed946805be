import type { CauseTable } from '../types.ts';
import { ambiguous } from './ambiguous.ts';
import { otherFormat } from './other-format.ts';
import { overlay } from './overlay.ts';
import { cannotTell, changedData, changedText, notRead } from './unexplained.ts';

/** Asked from top to bottom: what proves most first, what only names a difference last. */
export const causes = {
  ambiguous,
  'other-format': otherFormat,

  overlay,
  'not-read': notRead,
  'changed-text': changedText,
  'changed-data': changedData,
  'cannot-tell': cannotTell,
} satisfies CauseTable;
