/** Sections of WebAssembly modules (core specification 5.5, tool conventions for producers). */
import type { View } from '../platform/view.ts';
import { type Fields, fieldsOf } from './fields.ts';

export interface WasmSection {
  readonly name: string;
  /** The name of a custom section. Untrusted. */
  readonly custom?: string;
  /** Of the id; the size follows. */
  readonly at: number;
  /** After the size. */
  readonly nameAt: number;
  /** After the name of a custom section; the same as `nameAt` otherwise. */
  readonly contentAt: number;
  readonly end: number;
  /** `language C11; processed-by clang 14.0.6`, of the section of that name. Untrusted. */
  readonly producers?: string;
}

const ids = [
  'custom',
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'code',
  'data',
  'data count',
  'tag',
] as const;
/** The order of sections, which is not quite that of their ids. */
const order = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];
const mostSections = 50_000;

export function isWasm(view: View): boolean {
  return view.size >= 8 && view.read(0, 8).toString('latin1') === '\0asm\x01\0\0\0';
}

/** @throws SamesourceError `archive-unsafe` */
export function wasmSections(view: View): WasmSection[] {
  const file = fieldsOf('wasm', view, 'little');
  const sections: WasmSection[] = [];
  let place = -1;
  for (let at = 8; at < view.size;) {
    const id = file.u8(at);
    const name = ids[id];
    if (name === undefined) throw file.unsafe(`a section of kind ${id} at ${at}`);
    const size = uleb(file, at + 1);
    const end = size.end + size.value;
    if (end > view.size) throw file.unsafe(`the section ${name} at ${at} breaks off`);
    if (id !== 0) {
      const next = order.indexOf(id);
      if (next <= place) throw file.unsafe(`the section ${name} at ${at} is out of order, or there twice`);
      place = next;
    }
    sections.push({
      name,
      at,
      nameAt: size.end,
      contentAt: size.end,
      end,
      ...(id === 0 ? custom(file, size.end, end) : {}),
    });
    if (sections.length > mostSections) throw file.unsafe(`more than ${mostSections} sections`);
    at = end;
  }
  return sections;
}

const longestName = 200;
/** Bytes; a longer record is content that nobody reads out. */
const mostProducers = 64 * 1024;

function custom(file: Fields, at: number, end: number): Pick<WasmSection, 'custom' | 'contentAt' | 'producers'> {
  const length = uleb(file, at, end);
  const contentAt = length.end + length.value;
  if (contentAt > end) throw file.unsafe(`the name of a custom section at ${at} breaks off`);
  const name = file.bytes(length.end, Math.min(length.value, longestName)).toString('utf8');
  if (name !== 'producers' || end - contentAt > mostProducers) return { custom: name, contentAt };
  return { custom: name, contentAt, producers: producers(file, contentAt, end) };
}

/** Fields, each with pairs of name and version. */
function producers(file: Fields, start: number, end: number): string {
  const said: string[] = [];
  let at = start;
  const number = (): number => {
    const { value, end: after } = uleb(file, at, end);
    at = after;
    return value;
  };
  const text = (): string => {
    const length = number();
    if (at + length > end) throw file.unsafe(`a text of ${length} bytes in the producers at ${at}`);
    at += length;
    return file.bytes(at - length, Math.min(length, longestName)).toString('utf8');
  };
  for (let fields = number(); fields > 0; fields--) {
    const field = text();
    const pairs = [];
    for (let count = number(); count > 0; count--) {
      const pair = `${text()} ${text()}`.trim();
      if (said.length + pairs.length < longestName) pairs.push(pair);
    }
    said.push(`${field} ${pairs.join(', ')}`);
  }
  if (at !== end) throw file.unsafe(`${end - at} bytes after the producers`);
  return said.join('; ');
}

/** LEB128 of at most 32 bits; linkers pad it to 5 bytes, which is one number all the same. */
function uleb(file: Fields, at: number, limit = Infinity): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let index = 0; index < 5; index++) {
    if (at + index >= limit) throw file.unsafe(`a number at ${at} breaks off`);
    const byte = file.u8(at + index);
    value += (byte & 0x7f) * 2 ** (index * 7);
    if (byte >= 0x80) continue;
    if (value > 0xffffffff) break;
    return { value, end: at + index + 1 };
  }
  throw file.unsafe(`the number at ${at} is too large`);
}
