import { fieldsOf } from '../format/fields.ts';
import { machOCpu } from '../format/mach-o.ts';
import type { View } from '../platform/view.ts';
import { coverOf } from './cover.ts';
import type { Format, Member } from './types.ts';

const magic = { narrow: 0xcafebabe, wide: 0xcafebabf };
/** A Java class has the same mark, and there stands its version, 45 or more. */
const mostSlices = 30;

/** One program for several processors. */
export const machOFat: Format = {
  recognises(view) {
    if (view.size < 8) return false;
    const head = view.read(0, 8);
    const mark = head.readUInt32BE();
    return (mark === magic.narrow || mark === magic.wide) && head.readUInt32BE(4) <= mostSlices;
  },
  read(view) {
    const slices = slicesOf(view);
    const cover = coverOf('mach-o-fat', view);
    const each = view.read(0, 4).readUInt32BE() === magic.wide ? 32 : 20;
    cover.add(0, 4, 'structure', 'mark');
    cover.add(4, 4, 'structure', 'slice count', { value: String(slices.length) });
    let end = 8 + slices.length * each;
    for (const [index, { key: member }] of slices.entries()) {
      cover.add(8 + index * each, each, 'structure', 'slice header', { member });
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

interface Slice {
  readonly key: string;
  readonly at: number;
  readonly size: number;
}

function slicesOf(view: View): Slice[] {
  const file = fieldsOf('mach-o-fat', view, 'big');
  const wide = file.u32(0) === magic.wide;
  const count = file.u32(4);
  if (count === 0 || count > mostSlices) throw file.unsafe(`${count} slices`);
  const keys = new Set<string>();
  return Array.from({ length: count }, (_, index) => {
    const start = 8 + index * (wide ? 32 : 20);
    const key = machOCpu(file.u32(start), file.u32(start + 4));
    if (keys.has(key)) throw file.unsafe(`two slices for ${key}`);
    keys.add(key);
    const at = wide ? file.u64(start + 8) : file.u32(start + 8);
    const size = wide ? file.u64(start + 16) : file.u32(start + 12);
    const align = file.u32(start + (wide ? 24 : 16));
    if (size === 0 || at + size > view.size) throw file.unsafe(`the slice for ${key} of ${size} bytes at ${at}`);
    if (align > 15 || at % 2 ** align !== 0) throw file.unsafe(`the slice for ${key} is not aligned`);
    return { key, at, size };
  });
}

function memberOf(view: View, { key, at, size }: Slice): Member {
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
