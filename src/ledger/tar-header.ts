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
    const digits = derivedDigits(field, header, header.toString('latin1', start, start + size));
    const value = valueOf(field, header);
    if (digits === 0) list.add(size, classOf(field, prefix), `${prefix}${field}`, value);
    else {
      list.add(digits, 'derived', `${prefix}${field}`, value);
      list.add(size - digits, 'structure', `${prefix}${field} end`);
    }
  }
  return list.parts;
}

function classOf(field: TarField, prefix: string): RegionClass {
  // Writers put a process id or a fixed word there, and nothing reads it.
  if (field === 'name' && prefix !== '') return 'metadata';
  // Not spelled as writers do it, it does not follow from the other fields alone.
  return classes[field] === 'derived' ? 'metadata' : classes[field];
}

/** How many bytes of a field follow from other fields; writers end the number in different ways. */
function derivedDigits(field: TarField, header: Buffer, bytes: string): number {
  if (classes[field] !== 'derived') return 0;
  const digits = /^([0-7]+)[\0 ]+$/.exec(bytes)?.[1] ?? '';
  return digits !== '' && digits === tarNumber(header, field).toString(8).padStart(digits.length, '0')
    ? digits.length
    : 0;
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
