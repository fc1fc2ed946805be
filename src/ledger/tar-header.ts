/** The cover of one header block of tar. */
import type { RegionClass, Region } from '../model/region.ts';
import { isoTime } from '../format/iso-time.ts';
import { isZeroed, tarFields, tarNumber, tarString, tarTypes, type TarField } from '../format/tar-header.ts';
import { unsafe } from './cover.ts';
import { leniently } from './member-key.ts';
import { partList } from './parts.ts';

type Dialect = 'posix' | 'gnu' | 'v7';

const strings: readonly TarField[] = ['name', 'link', 'uname', 'gname', 'prefix'];

/**
 * Checks what the parser of headers has no use for.
 * @throws SamesourceError `archive-unsafe` if bytes stand where nothing reads them, `unsupported` for a
 * header that was written for incremental or split archives
 */
export function requirePlainHeader(header: Buffer, at: number): void {
  const dialect = dialectOf(header);
  if (dialect === undefined) throw unsafe('tar', `a header of an unknown kind at ${at}`);
  for (const [field, start, size] of layoutOf(dialect)) {
    const bytes = header.subarray(start, start + size);
    const rest = strings.includes(field) ? bytes.subarray(tarString(header, field).length) : bytes;
    if ((strings.includes(field) || field === 'unused') && !isZeroed(rest)) {
      throw unsafe('tar', `bytes after the ${field} of the header at ${at}`);
    }
    if (field.startsWith('dev')) tarNumber(header, field);
  }
}

/** The dialect by its magic and version. */
function dialectOf(header: Buffer): Dialect | undefined {
  const magic = header.toString('latin1', 257, 265);
  if (magic === 'ustar  \0') return 'gnu';
  if (/^ustar\0[0 \0]{2}$/.test(magic)) return 'posix';
  return magic === '\0'.repeat(8) ? 'v7' : undefined;
}

/** What comes after these is another matter in each dialect; here it is empty. */
const lastField: Readonly<Record<Dialect, TarField>> = { posix: 'prefix', gnu: 'devminor', v7: 'devminor' };

function layoutOf(dialect: Dialect): readonly (readonly [field: TarField, at: number, size: number])[] {
  const fields: [TarField, number, number][] = [];
  for (const [field, [at, size]] of Object.entries(tarFields) as [TarField, readonly [number, number]][]) {
    fields.push([field, at, size]);
    if (field !== lastField[dialect]) continue;
    fields.push(['unused', at + size, 512 - at - size]);
    break;
  }
  return fields;
}

const classes: Readonly<Record<TarField, RegionClass>> = {
  name: 'structure',
  mode: 'metadata',
  uid: 'metadata',
  gid: 'metadata',
  size: 'derived',
  mtime: 'metadata',
  chksum: 'derived',
  type: 'structure',
  link: 'structure',
  magic: 'structure',
  uname: 'metadata',
  gname: 'metadata',
  devmajor: 'structure',
  devminor: 'structure',
  prefix: 'structure',
  unused: 'padding',
};

/**
 * The fields of a header block.
 * @param prefix of the fields of an extended header, e.g. `pax header `
 */
export function headerParts(header: Buffer, at: number, member: string | undefined, prefix: string): readonly Region[] {
  const list = partList(at, member);
  for (const [field, start, size] of layoutOf(dialectOf(header) ?? 'v7')) {
    const bytes = header.subarray(start, start + size);
    list.add(size, classOf(field, bytes, header, prefix), `${prefix}${field}`, valueOf(field, header));
  }
  return list.parts;
}

function classOf(field: TarField, bytes: Buffer, header: Buffer, prefix: string): RegionClass {
  // Writers put a process id or a fixed word there, and nothing reads it.
  if (field === 'name' && prefix !== '') return 'metadata';
  // Spelled in another way it follows from the other fields no more.
  if (classes[field] === 'derived' && !isCanonical(field, bytes, header)) return 'metadata';
  return classes[field];
}

function isCanonical(field: TarField, bytes: Buffer, header: Buffer): boolean {
  const number = tarNumber(header, field);
  const octal = (digits: number): string => number.toString(8).padStart(digits, '0');
  if (field === 'chksum') return bytes.toString('latin1') === `${octal(6)}\0 `;
  return bytes.toString('latin1') === `${octal(11)}\0`;
}

function valueOf(field: TarField, header: Buffer): string | undefined {
  switch (field) {
    case 'type':
      return typeName(header.toString('latin1', 156, 157));
    case 'magic':
      return dialectOf(header);
    case 'mode':
      return tarNumber(header, field).toString(8).padStart(4, '0');
    case 'mtime':
      return isoTime(tarNumber(header, field));
    case 'uid':
    case 'gid':
    case 'size':
    case 'chksum':
    case 'devmajor':
    case 'devminor':
      return String(tarNumber(header, field));
    case 'unused':
      return undefined;
    case 'name':
    case 'link':
    case 'uname':
    case 'gname':
    case 'prefix':
      return leniently(tarString(header, field));
  }
}

function typeName(flag: string): string {
  const extended: Readonly<Record<string, string>> = {
    x: 'pax header',
    g: 'global pax header',
    L: 'long name',
    K: 'long link',
  };
  return tarTypes[flag] ?? extended[flag] ?? flag;
}
