/** What the linker leaves for loader and debugger: symbols, fixups, exports, and the code signature. */
import { loadCommands as kinds, machOFields, type MachOHeader } from '../format/mach-o.ts';
import type { RegionClass } from '../model/region.ts';
import { type Fields, fieldsOf } from '../format/fields.ts';
import { isZero, type View } from '../platform/view.ts';
import type { Layout } from './layout.ts';

/** Commands that name one table by offset and size. */
const single: ReadonlyMap<number, readonly [string, RegionClass]> = new Map<number, readonly [string, RegionClass]>([
  [kinds.splitInfo, ['split info', 'structure']],
  [kinds.functionStarts, ['function starts', 'debug']],
  [kinds.dataInCode, ['data in code', 'debug']],
  [kinds.codeDirectories, ['code directories', 'structure']],
  [kinds.linkerHints, ['linker hints', 'structure']],
  [kinds.exports, ['exports', 'content']],
  [kinds.fixups, ['fixups', 'content']],
]);

const dyldTables = ['rebases', 'binds', 'weak binds', 'lazy binds', 'exports'] as const;
/** Offset of the table's offset in the command, entry size; the count follows the offset. */
const dynamicTables = [
  ['contents', 32, 8],
  ['modules', 40, 56],
  ['external references', 48, 4],
  ['indirect symbols', 56, 4],
  ['external relocations', 64, 8],
  ['local relocations', 72, 8],
] as const;

/** The tables that load commands point to. @throws SamesourceError `archive-unsafe` */
export function addLinkedit(layout: Layout, view: View, header: MachOHeader): void {
  const file = machOFields(view, header);
  for (const { at, type, size } of header.commands) {
    const need = (bytes: number): void => {
      if (size < bytes) throw file.unsafe(`a load command 0x${type.toString(16)} of ${size} bytes`);
    };
    const table = single.get(type);
    if (table !== undefined || type === kinds.codeSignature) need(16);
    if (table !== undefined) layout.add(file.u32(at + 8), file.u32(at + 12), table[1], table[0]);
    if (type === kinds.codeSignature) addSignature(layout, view, file.u32(at + 8), file.u32(at + 12));
    if (type === kinds.symbols) {
      need(24);
      layout.add(file.u32(at + 8), file.u32(at + 12) * (header.wide ? 16 : 12), 'content', 'symbol table');
      layout.add(file.u32(at + 16), file.u32(at + 20), 'content', 'string table');
    }
    if (type === kinds.dyldInfo || type === kinds.dyldInfoOnly) {
      need(48);
      for (const [index, name] of dyldTables.entries()) {
        layout.add(file.u32(at + 8 + index * 8), file.u32(at + 12 + index * 8), 'content', name);
      }
    }
    if (type === kinds.dynamicSymbols) {
      need(80);
      addDynamic(layout, file, at);
    }
  }
}

function addDynamic(layout: Layout, file: Fields, at: number): void {
  for (const [name, offset, each] of dynamicTables) {
    layout.add(file.u32(at + offset), file.u32(at + offset + 4) * each, 'content', name);
  }
}

const superBlob = 0xfade0cc0;
const mostBlobs = 64;

/** A SuperBlob says its own length; what lies behind it in the place kept for it is no signature. */
function addSignature(layout: Layout, view: View, start: number, size: number): void {
  const file = fieldsOf('mach-o', view, 'big');
  if (start + size > view.size) throw file.unsafe(`a code signature of ${size} bytes at ${start}`);
  if (size < 12 || file.u32(start) !== superBlob) {
    return layout.add(start, size, isZero(view, start, size) ? 'padding' : 'opaque', 'code signature space');
  }
  const [length, count] = [file.u32(start + 4), file.u32(start + 8)];
  if (length > size || count > mostBlobs || 12 + count * 8 > length) {
    throw file.unsafe(`a code signature of ${count} parts and ${length} bytes in ${size}`);
  }
  layout.add(start, 12 + count * 8, 'signature', 'signature index');
  for (let index = 0; index < count; index++) {
    const entry = start + 12 + index * 8;
    const [type, offset] = [file.u32(entry), file.u32(entry + 4)];
    const blob = offset + 8 > length ? -1 : file.u32(start + offset + 4);
    if (blob < 8 || offset + blob > length) throw file.unsafe(`part ${index + 1} of the code signature at ${offset}`);
    layout.add(start + offset, blob, 'signature', blobNames[type] ?? `signature part 0x${type.toString(16)}`);
  }
  // Between the parts, and behind them.
  layout.add(start + length, size - length, 'padding', 'signature padding');
}

const blobNames: Readonly<Record<number, string>> = {
  0: 'code directory',
  2: 'requirements',
  5: 'entitlements',
  7: 'der entitlements',
  0x1000: 'alternate code directory',
  0x10000: 'cms signature',
};
