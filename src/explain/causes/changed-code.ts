import type { CauseFinder, Delta, Pair } from '../types.ts';
import { machines, readElf } from '../../format/elf.ts';
import { codeEvidence, namesOf } from '../formats/elf/evidence.ts';
import { compilerOf, firstBy, isCodeDelta } from './elf-deltas.ts';

/** So many changed functions may well be another flag, if flags are not recorded. */
const many = 8;

/** Instructions that are other ones after moved addresses are allowed for. */
export const changedCode: CauseFinder = {
  formats: ['elf'],
  async find(pair, open) {
    const code = open.filter(isCodeDelta);
    if (code.length === 0) return [];
    const claims = firstBy(
      open.filter((delta) => isCodeDelta(delta) || followsFromCode(delta)),
      code,
    );
    const evidence = await codeEvidence(pair, code);
    return [{ claims, certainty: 'proved', summary: `${said(pair, code)}${caution(pair)}`, evidence }];
  },
};

/** What tells debuggers and unwinders of the code. */
function followsFromCode({ where, field, class: kind }: Delta): boolean {
  return /^\.(eh_frame|eh_frame_hdr|gcc_except_table)$/.test(where) || (kind === 'debug' && field !== 'string');
}

function said(pair: Pair, claims: readonly Delta[]): string {
  const named = claims.filter(({ field }) => field === 'function');
  if (named.length < many) return `other code in ${namesOf(claims)}`;
  const flags = recordsFlags(pair)
    ? ''
    : '; the flags are not recorded, so it cannot be told whether other flags or other source made it';
  return `other code in ${named.length} functions, from ${namesOf(claims.slice(0, 1))} on, with the same compiler (${compilerOf(pair).slice(0, 80)})${flags}`;
}

function recordsFlags({ released, rebuilt }: Pair): boolean {
  return [released, rebuilt].every(({ reading }) => / -/.test(reading.facts['producer'] ?? ''));
}

/** Without its instructions taken apart, what was only moved looks changed. */
function caution({ released }: Pair): string {
  const { machine } = readElf(released.view);
  if (machine === machines.x64 || machine === machines.x86) return '';
  return `; code for ${released.reading.facts['machine'] ?? 'this machine'} is compared as bytes, so that addresses that were only moved count too`;
}
