/** The debug directory of a PE file: where its symbols are, and whether the link was reproducible. */
import { type Fields, fieldsOf } from '../format/fields.ts';
import { offsetOf, type PeHeaders } from '../format/pe.ts';
import type { View } from '../platform/view.ts';
import type { Layout } from './layout.ts';
import { stampText } from './pe-headers.ts';

export interface PeDebug {
  /** Whether the time stamps are a hash of the content (`/Brepro`). */
  readonly reproducible: boolean;
  /** Where the symbols were written. */
  readonly path?: string;
}

interface Entry {
  readonly at: number;
  readonly type: number;
  readonly size: number;
  readonly data: number;
}

const debugDirectory = 6;
const entrySize = 28;
/** Linkers write a handful. */
const mostEntries = 64;
/** A path, and little beside it. */
const longestCodeView = 64 * 1024;
const kinds = { codeView: 2, reproducible: 16 };

/** The debug directory and what it points to. @throws SamesourceError `archive-unsafe` */
export function addDebugDirectory(layout: Layout, view: View, headers: PeHeaders): PeDebug {
  const file = fieldsOf('pe', view, 'little');
  const entries = entriesOf(file, headers);
  const reproducible = entries.some(({ type }) => type === kinds.reproducible);
  const paths: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const of = `debug ${index + 1}`;
    layout.fields(
      entry.at,
      [
        ['debug characteristics', 4, 'structure'],
        ['debug time stamp', 4, 'metadata', (bytes) => stampText(bytes.readUInt32LE(), reproducible)],
        ['debug version', 4, 'structure'],
        ['debug type', 4, 'structure', (bytes) => String(bytes.readUInt32LE())],
        ['debug place', 12, 'structure'],
      ],
      of,
    );
    const path = addData(layout, file, entry, of);
    if (path !== undefined) paths.push(path);
  }
  const [path] = paths;
  return { reproducible, ...(path === undefined ? {} : { path }) };
}

function entriesOf(file: Fields, headers: PeHeaders): Entry[] {
  const { address, size } = headers.directories[debugDirectory] ?? { address: 0, size: 0 };
  if (size === 0) return [];
  const start = offsetOf(headers, address);
  if (start === undefined) throw file.unsafe(`a debug directory at 0x${address.toString(16)}, which is not in it`);
  const count = Math.floor(size / entrySize);
  if (count > mostEntries) throw file.unsafe(`${count} debug entries`);
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * entrySize;
    return { at, type: file.u32(at + 12), size: file.u32(at + 16), data: file.u32(at + 24) };
  });
}

function addData(layout: Layout, file: Fields, { type, size, data }: Entry, of: string): string | undefined {
  if (size === 0 || data === 0) return undefined;
  const mark = size >= 4 ? file.bytes(data, 4).toString('latin1') : '';
  if (type === kinds.codeView && mark === 'RSDS' && size > 24 && size <= longestCodeView)
    return addCodeView(layout, file, data, size, of);
  if (type === kinds.reproducible && size > 4) {
    layout.add(data, 4, 'structure', 'repro hash size', { of });
    layout.add(data + 4, size - 4, 'metadata', 'repro hash', {
      of,
      value: hexOf(file, data + 4, Math.min(size - 4, 32)),
    });
    return undefined;
  }
  layout.add(data, size, 'debug', 'debug data', { of });
  return undefined;
}

/** `RSDS`, GUID, age, path: the match of a program and its `.pdb`. */
function addCodeView(layout: Layout, file: Fields, at: number, size: number, of: string): string {
  const rest = file.bytes(at + 24, size - 24);
  const zero = rest.indexOf(0);
  const end = at + 24 + (zero === -1 ? rest.length : zero + 1);
  const path = rest.toString('utf8', 0, Math.min(zero === -1 ? rest.length : zero, 1024));
  layout.add(at, 4, 'structure', 'pdb mark', { of });
  layout.add(at + 4, 16, 'metadata', 'pdb guid', { of, value: guidText(file.bytes(at + 4, 16)) });
  layout.add(at + 20, 4, 'metadata', 'pdb age', { of, value: String(file.u32(at + 20)) });
  layout.add(at + 24, end - at - 24, 'metadata', 'pdb path', { of, value: path });
  layout.add(end, at + size - end, 'padding', 'pdb padding', { of });
  return path.slice(0, 200);
}

function guidText(bytes: Buffer): string {
  const parts = [bytes.readUInt32LE(0), bytes.readUInt16LE(4), bytes.readUInt16LE(6)];
  const [a, b, c] = parts.map((part, index) => part.toString(16).padStart(index === 0 ? 8 : 4, '0'));
  return `${a}-${b}-${c}-${bytes.toString('hex', 8, 10)}-${bytes.toString('hex', 10)}`;
}

function hexOf(file: Fields, at: number, size: number): string {
  return file.bytes(at, size).toString('hex');
}
