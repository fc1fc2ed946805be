import { type FatSlice, isFat, readFat } from '../format/mach-o-fat.ts';
import type { View } from '../platform/view.ts';
import { coverOf } from './cover.ts';
import type { Format, Member } from './types.ts';

/** One program for several processors. */
export const machOFat: Format = {
  recognises: isFat,
  read(view) {
    const { entrySize, slices } = readFat(view);
    const cover = coverOf('mach-o-fat', view);
    cover.add(0, 4, 'structure', 'mark');
    cover.add(4, 4, 'structure', 'slice count', { value: String(slices.length) });
    let end = 8 + slices.length * entrySize;
    for (const [index, { key: member }] of slices.entries()) {
      cover.add(8 + index * entrySize, entrySize, 'structure', 'slice header', { member });
    }
    for (const { key: member, at, size } of slices.toSorted((a, b) => a.at - b.at)) {
      // Loaders have taken slices from there that the count leaves out.
      if (at > end) cover.pad(end, at - end, 'alignment', { member });
      cover.add(at, size, 'content', 'content', { member });
      end = at + size;
    }
    const members = slices.map((slice) => memberOf(view, slice));
    const machines = slices.map(({ key }) => key).join(', ');
    return { format: 'mach-o-fat', regions: cover.finish(), members, facts: { machines } };
  },
};

function memberOf(view: View, { key, at, size }: FatSlice): Member {
  return {
    key,
    type: 'file',
    fields: {},
    size,
    stored: { at, size },
    plain: true,
    open: () => Promise.resolve(view.slice(at, size)),
  };
}
