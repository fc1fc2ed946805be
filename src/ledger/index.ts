import type { FormatName } from '../model/region.ts';
import { ar } from './ar.ts';
import { binary } from './binary.ts';
import { bzip2 } from './bzip2.ts';
import { elf } from './elf.ts';
import { gzip } from './gzip.ts';
import { javaClass } from './java-class.ts';
import { machO } from './mach-o.ts';
import { machOFat } from './mach-o-fat.ts';
import { pe } from './pe.ts';
import { png } from './png.ts';
import { pyc } from './pyc.ts';
import { sqlite } from './sqlite.ts';
import { tar } from './tar.ts';
import { text } from './text.ts';
import type { Format } from './types.ts';
import { wasm } from './wasm.ts';
import { xz } from './xz.ts';
import { zip } from './zip.ts';
import { zstd } from './zstd.ts';

/** The first that recognises a file reads it. */
export const formats = {
  tar,
  gzip,
  zip,
  ar,
  xz,
  zstd,
  bzip2,
  elf,
  pe,
  'mach-o': machO,
  'mach-o-fat': machOFat,
  wasm,
  pyc,
  'java-class': javaClass,
  png,
  sqlite,
  text,
  binary,
} satisfies Record<Exclude<FormatName, 'directory'>, Format>;
