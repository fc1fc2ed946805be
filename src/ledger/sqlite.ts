import { fieldsOf } from '../format/fields.ts';
import { type FieldSpec, layoutOf } from './layout.ts';
import type { Format } from './types.ts';

const mark = 'SQLite format 3\0';

/** SQLite databases (SQLite file format 1.3). */
export const sqlite: Format = {
  recognises: (view) => view.size >= 100 && view.read(0, 16).toString('latin1') === mark,
  read(view) {
    const file = fieldsOf('sqlite', view, 'big');
    const layout = layoutOf('sqlite', view);
    const stored = file.u16(16);
    const page = stored === 1 ? 65_536 : stored;
    if (page < 512 || (page & (page - 1)) !== 0) throw file.unsafe(`pages of ${stored} bytes`);
    if (view.size % page !== 0) throw file.unsafe(`${view.size} bytes, in pages of ${page}`);
    const pages = view.size / page;
    // The count holds only if it was written together with the change counter.
    const counted = file.u32(24) === file.u32(92) && file.u32(28) !== 0;
    if (counted && file.u32(28) !== pages) throw file.unsafe(`${file.u32(28)} pages by its head, ${pages} in it`);
    const end = layout.fields(0, fields(counted));
    layout.ground(end, 20, 'padding', 'reserved');
    layout.fields(92, [
      ['version valid for', 4, 'metadata', number],
      ['sqlite version', 4, 'metadata', (bytes) => versionText(bytes.readUInt32BE())],
    ]);
    layout.add(100, view.size - 100, 'content', 'pages');
    const facts = { 'sqlite version': versionText(file.u32(96)), pages: String(pages) };
    return { format: 'sqlite', regions: layout.finish(), members: [], facts };
  },
};

function fields(counted: boolean): FieldSpec[] {
  return [
    ['mark', 16, 'structure'],
    ['page size', 2, 'structure', number],
    ['file versions', 2, 'structure'],
    ['reserved space', 1, 'structure', number],
    ['payload fractions', 3, 'structure'],
    ['change counter', 4, 'metadata', number],
    ['page count', 4, counted ? 'derived' : 'structure', number],
    ['first free page', 4, 'structure', number],
    ['free pages', 4, 'structure', number],
    ['schema cookie', 4, 'metadata', number],
    ['schema format', 4, 'structure', number],
    ['cache size', 4, 'structure', number],
    ['largest root page', 4, 'structure', number],
    ['text encoding', 4, 'structure', number],
    ['user version', 4, 'structure', number],
    ['incremental vacuum', 4, 'structure', number],
    ['application id', 4, 'structure', number],
  ];
}

function number(bytes: Buffer): string {
  return String(bytes.readUIntBE(0, bytes.length));
}

/** `3041000` is 3.41.0. */
function versionText(version: number): string {
  return `${Math.floor(version / 1_000_000)}.${Math.floor(version / 1000) % 1000}.${version % 1000}`;
}
