/** Time stamps that linkers and resource compilers leave outside the headers. */
import { fieldsOf } from '../format/fields.ts';
import { offsetOf, type PeHeaders } from '../format/pe.ts';
import type { View } from '../platform/view.ts';
import type { Layout } from './layout.ts';
import { stampText } from './pe-headers.ts';

const directoryIndex = { export: 0, resource: 2 };
/** Type, name, language. */
const resourceDepth = 3;
const mostResources = 100_000;
const tableSize = 16;
const entrySize = 8;
const subtable = 0x80000000;

/** Those of the export directory and of resources. */
export function addTimeStamps(layout: Layout, view: View, headers: PeHeaders, reproducible: boolean): void {
  const add = (at: number, field: string, of?: string): void => {
    if (at + 4 > view.size) return;
    const stamp = view.read(at, 4).readUInt32LE();
    layout.add(at, 4, 'metadata', field, { of, value: stampText(stamp, reproducible) });
  };
  const exported = startOf(headers, directoryIndex.export);
  if (exported !== undefined) add(exported + 4, 'export time stamp');
  for (const [index, at] of resourceTables(view, headers).entries()) {
    add(at + 4, 'resource time stamp', `resource table ${index + 1}`);
  }
}

function startOf(headers: PeHeaders, index: number): number | undefined {
  const { address, size } = headers.directories[index] ?? { address: 0, size: 0 };
  return size === 0 ? undefined : offsetOf(headers, address);
}

/** Offsets of all tables of the resource tree, each once. */
function resourceTables(view: View, headers: PeHeaders): number[] {
  const root = startOf(headers, directoryIndex.resource);
  if (root === undefined) return [];
  const file = fieldsOf('pe', view, 'little');
  const seen = new Set<number>([root]);
  let level = [root];
  let entries = 0;
  for (let depth = 1; depth < resourceDepth; depth++) {
    const next: number[] = [];
    for (const table of level) {
      const count = file.u16(table + 12) + file.u16(table + 14);
      for (let index = 0; index < count; index++) {
        if (++entries > mostResources) throw file.unsafe(`more than ${mostResources} resources`);
        const target = file.u32(table + tableSize + index * entrySize + 4);
        const at = root + (target >= subtable ? target - subtable : 0);
        if (target < subtable || seen.has(at)) continue;
        seen.add(at);
        next.push(at);
      }
    }
    level = next;
  }
  return [...seen];
}
