import type { FormatName } from '../model/region.ts';
import { binary } from './binary.ts';
import { elf } from './elf.ts';
import { gzip } from './gzip.ts';
import { tar } from './tar.ts';
import { text } from './text.ts';
import type { Format } from './types.ts';

/** The first that recognises a file reads it. */
export const formats = { tar, gzip, elf, text, binary } satisfies Record<Exclude<FormatName, 'directory'>, Format>;
