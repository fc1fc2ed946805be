import { SamesourceError } from './error.ts';

/** The allowances that a claim may declare: a name and the version of what it covers. */
export const allowanceMeanings = {
  'archive-time@1': 'times of the entries of tar, zip and ar archives, and of gzip headers',
  'archive-owner@1': 'owners and groups of the entries of tar, zip and ar archives',
  'gzip-header@1': 'time, level, system and name in a gzip header',
  'compression@1': 'the packed form of content that is equal when unpacked, or differs as allowed',
} as const;

export type AllowanceName = keyof typeof allowanceMeanings;

export const allowanceNames = Object.keys(allowanceMeanings) as AllowanceName[];

export function isAllowance(name: string): name is AllowanceName {
  return Object.hasOwn(allowanceMeanings, name);
}

/** @throws SamesourceError `usage` for a name that is none */
export function allowancesOf(names: readonly string[]): AllowanceName[] {
  return names.map((name) => {
    if (isAllowance(name)) return name;
    throw new SamesourceError('usage', `there is no allowance "${name}"`, {
      hint: `there are: ${allowanceNames.join(', ')}`,
    });
  });
}
