/** Java class files (Java Virtual Machine Specification, chapter 4). */
import type { View } from '../platform/view.ts';
import { type Fields, fieldsOf } from './fields.ts';

export interface JavaConstant {
  readonly index: number;
  readonly at: number;
  readonly size: number;
  readonly type: string;
  /** Of a `utf8`, at most 200 characters. Untrusted. */
  readonly text?: string;
}

export interface JavaAttribute {
  readonly name: string;
  readonly at: number;
  /** After name and length. */
  readonly contentAt: number;
  readonly end: number;
}

export interface JavaMember {
  /** `plover(I)I`. Untrusted. */
  readonly name: string;
  readonly at: number;
  readonly attributes: readonly JavaAttribute[];
  /** Where the count of attributes ends. */
  readonly headerEnd: number;
}

export interface JavaClass {
  readonly major: number;
  readonly constants: readonly JavaConstant[];
  /** The `utf8` of a number. @throws SamesourceError `archive-unsafe` */
  readonly nameOf: (index: number) => string;
  /** Where access flags stand. */
  readonly poolEnd: number;
  readonly interfacesEnd: number;
  readonly fields: readonly JavaMember[];
  readonly fieldsEnd: number;
  readonly methods: readonly JavaMember[];
  readonly methodsEnd: number;
  readonly attributes: readonly JavaAttribute[];
  readonly end: number;
}

/** Type and bytes after the tag; a `utf8` says its own length. */
const tags: Readonly<Record<number, readonly [string, number]>> = {
  1: ['utf8', 2],
  3: ['integer', 4],
  4: ['float', 4],
  5: ['long', 8],
  6: ['double', 8],
  7: ['class', 2],
  8: ['string', 2],
  9: ['field', 4],
  10: ['method', 4],
  11: ['interface method', 4],
  12: ['name and type', 4],
  15: ['method handle', 3],
  16: ['method type', 2],
  17: ['dynamic', 4],
  18: ['invoke dynamic', 4],
  19: ['module', 2],
  20: ['package', 2],
};

/** The first version there was; in a fat Mach-O file, the number of slices stands here. */
const firstMajor = 45;

export function isJavaClass(view: View): boolean {
  if (view.size < 24) return false;
  const head = view.read(0, 8);
  return head.readUInt32BE() === 0xcafebabe && head.readUInt16BE(6) >= firstMajor;
}

/** @throws SamesourceError `archive-unsafe` */
export function javaClass(view: View): JavaClass {
  const file = fieldsOf('java-class', view, 'big');
  const { constants, end: poolEnd } = readPool(file);
  const nameOf = namesOf(file, constants);
  const interfacesEnd = poolEnd + 8 + file.u16(poolEnd + 6) * 2;
  const fields = readMembers(file, interfacesEnd, nameOf);
  const methods = readMembers(file, fields.end, nameOf);
  const last = readAttributes(file, methods.end, nameOf);
  return {
    major: file.u16(6),
    constants,
    nameOf,
    poolEnd,
    interfacesEnd,
    fields: fields.members,
    fieldsEnd: fields.end,
    methods: methods.members,
    methodsEnd: methods.end,
    attributes: last.attributes,
    end: last.end,
  };
}

const longestText = 200;

function readPool(file: Fields): { readonly constants: JavaConstant[]; readonly end: number } {
  const count = file.u16(8);
  const constants: JavaConstant[] = [];
  let at = 10;
  for (let index = 1; index < count; index++) {
    const [type, length] = tags[file.u8(at)] ?? [];
    if (type === undefined || length === undefined) throw file.unsafe(`a constant of kind ${file.u8(at)} at ${at}`);
    const size = 1 + length + (type === 'utf8' ? file.u16(at + 1) : 0);
    const text =
      type === 'utf8' ? file.bytes(at + 3, size - 3).toString('utf8', 0, Math.min(size - 3, longestText)) : undefined;
    constants.push({ index, at, size, type, ...(text === undefined ? {} : { text }) });
    at += size;
    // They take two numbers.
    if (type === 'long' || type === 'double') index++;
  }
  return { constants, end: at };
}

type Names = (index: number) => string;

function namesOf(file: Fields, constants: readonly JavaConstant[]): Names {
  const texts = new Map(constants.map(({ index, text }) => [index, text]));
  return (index) => {
    const text = texts.get(index);
    if (text === undefined) throw file.unsafe(`constant ${index} is no name`);
    return text;
  };
}

function readMembers(
  file: Fields,
  start: number,
  nameOf: Names,
): { readonly members: JavaMember[]; readonly end: number } {
  const members: JavaMember[] = [];
  let at = start + 2;
  for (let left = file.u16(start); left > 0; left--) {
    const name = nameOf(file.u16(at + 2)) + nameOf(file.u16(at + 4));
    const { attributes, end } = readAttributes(file, at + 6, nameOf);
    members.push({ name, at, attributes, headerEnd: at + 8 });
    at = end;
  }
  return { members, end: at };
}

/** @param start where their count stands */
function readAttributes(
  file: Fields,
  start: number,
  nameOf: Names,
): { readonly attributes: JavaAttribute[]; readonly end: number } {
  const attributes: JavaAttribute[] = [];
  let at = start + 2;
  for (let left = file.u16(start); left > 0; left--) {
    const end = at + 6 + file.u32(at + 2);
    attributes.push({ name: nameOf(file.u16(at)), at, contentAt: at + 6, end });
    at = end;
  }
  return { attributes, end: at };
}

export interface JavaCode {
  readonly codeAt: number;
  readonly codeEnd: number;
  /** Where the count of attributes ends. */
  readonly handlersEnd: number;
  readonly attributes: readonly JavaAttribute[];
}

/** What lies in an attribute `Code`. @throws SamesourceError `archive-unsafe` */
export function javaCode(view: View, { nameOf }: JavaClass, { contentAt, end }: JavaAttribute): JavaCode {
  const file = fieldsOf('java-class', view, 'big');
  const codeAt = contentAt + 8;
  const codeEnd = codeAt + file.u32(contentAt + 4);
  const handlersEnd = codeEnd + 2 + file.u16(codeEnd) * 8;
  const inner = readAttributes(file, handlersEnd, nameOf);
  if (inner.end !== end) throw file.unsafe(`code at ${contentAt} ends at ${inner.end} and at ${end}`);
  return { codeAt, codeEnd, handlersEnd, attributes: inner.attributes };
}
