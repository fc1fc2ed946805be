import type { FormatName } from '../../model/region.ts';
import type { Differ } from '../types.ts';
import { directory } from './directory.ts';
import { elf } from './elf.ts';
import { text } from './text.ts';

/** Formats whose differences are told finer than region by region. */
export const differs = { directory, elf, text } satisfies Partial<Record<FormatName, Differ>>;
