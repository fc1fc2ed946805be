import { printable } from '../../format/printable.ts';
import type { Comparison } from '../../model/comparison.ts';

/** One of many pairs, on one line: outcome, worst cause, names. */
export function pairLine({ outcome, released, rebuilt, difference }: Comparison): string {
  const [worst] = difference?.causes ?? [];
  const cause = worst === undefined ? '' : `  ${worst.kind}${worst.path === '' ? '' : ` in ${printable(worst.path)}`}`;
  return `${outcome.padEnd(10)} ${printable(released.path)}  ${printable(rebuilt.path)}${cause}\n`;
}
