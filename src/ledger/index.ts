import type { FormatName } from '../model/region.ts';
import { binary } from './binary.ts';
import { elf } from './elf.ts';
import { gzip } from './gzip.ts';
import { pe } from './pe.ts';
import { tar } from './tar.ts';
import { text } from './text.ts';
import type { Format } from './types.ts';
import { zip } from './zip.ts';

/** The first that recognises a file reads it. */
export const formats = { tar, gzip, zip, elf, pe, text, binary } satisfies Record<Exclude<FormatName, 'directory'>, Format>;
