import { shortened } from '../spans.ts';
import type { CauseFinder, Delta } from '../types.ts';

/** What Microsoft's linker says of the tools that made each object; it differs where another compiler was used. */
export const linkerRecord: CauseFinder = {
  formats: ['pe'],
  find(_pair, open) {
    const record = open.find(({ field }) => field === 'rich header');
    if (record === undefined) return [];
    const claims = open.filter(({ field, class: kind }) => belongs.has(field) && kind !== 'opaque');
    return [
      { claims, certainty: 'suspected', summary: tell(record), fix: 'use the same version of compiler and linker' },
    ];
  },
};

const belongs: ReadonlySet<string> = new Set(['rich header', 'rich checksum', 'rich padding']);

function tell({ released, rebuilt }: Delta): string {
  const [theirs, ours] = [released, rebuilt].map((span) => (span?.text ?? '').split(', ').filter((one) => one !== ''));
  const only = (one: readonly string[] = [], other: readonly string[] = []): string => {
    const known = new Set(other);
    const left = one.filter((tool) => !known.has(tool));
    return left.length === 0 ? 'none' : shortened(left.join(', '), 120);
  };
  return `objects by tools (product.build): only released ${only(theirs, ours)}; only rebuilt ${only(ours, theirs)}`;
}
