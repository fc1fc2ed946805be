import type { FormatName } from '../../model/region.ts';
import type { Differ } from '../types.ts';
import { directory } from './directory.ts';
import { text } from './text.ts';

/** Formats whose differences are told finer than region by region. */
export const differs = { directory, text } satisfies Partial<Record<FormatName, Differ>>;
