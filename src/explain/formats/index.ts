import type { FormatName } from '../../model/region.ts';
import type { Differ } from '../types.ts';

/** Formats whose differences are told finer than region by region. */
export const differs = {} satisfies Partial<Record<FormatName, Differ>>;
