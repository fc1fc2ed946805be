/** Writes a value into a field of an archive in the way in which the other side's field is written. */

/**
 * Whether `released` is what comes out when its value is written as `rebuilt` is: octal digits of the
 * same width and end (tar), decimal ones before spaces (ar), a pax record of the same key, or a name
 * before zeros.
 */
export function isRewritten(format: string, field: string, released: Buffer, rebuilt: Buffer): boolean {
  if (field.startsWith('pax ') || field.startsWith('global pax ')) {
    if (!/ header /.test(field)) return isPaxRecord(released, rebuilt);
  }
  if (format === 'ar') return isDecimal(released) && isDecimal(rebuilt) && released.length === rebuilt.length;
  if (format !== 'tar') return false;
  if (/(?:^| )[ug]name$/.test(field)) return isPaddedName(released) && released.length === rebuilt.length;
  return isOctal(released, rebuilt) || isWide(released, rebuilt);
}

/** ar(5): digits, then spaces. */
function isDecimal(bytes: Buffer): boolean {
  return /^(?:0|[1-9]\d*)? *$/.test(bytes.toString('latin1'));
}

function isOctal(released: Buffer, rebuilt: Buffer): boolean {
  const ours = /^([0-7]+)([\0 ]*)$/.exec(rebuilt.toString('latin1'));
  const theirs = /^([0-7]+)([\0 ]*)$/.exec(released.toString('latin1'));
  if (ours === null || theirs === null) return false;
  const [, digits = '', end = ''] = ours;
  const value = BigInt(`0o${theirs[1] ?? '0'}`);
  return `${value.toString(8).padStart(digits.length, '0')}${end}` === theirs[0];
}

/** GNU's base-256, which has no padding to choose. */
function isWide(released: Buffer, rebuilt: Buffer): boolean {
  return (released[0] ?? 0) >= 0x80 && (rebuilt[0] ?? 0) >= 0x80 && released.length === rebuilt.length;
}

function isPaddedName(bytes: Buffer): boolean {
  return /^[^\0]*\0*$/.test(bytes.toString('latin1'));
}

/** `30 mtime=1700000000.123456789\n`, the length counting itself. */
function isPaxRecord(released: Buffer, rebuilt: Buffer): boolean {
  const [theirs, ours] = [released, rebuilt].map((bytes) => /^(\d+) ([^=]+)=([^]*)\n$/.exec(bytes.toString('latin1')));
  if (theirs === null || theirs === undefined || ours?.[2] !== theirs[2]) return false;
  const rest = ` ${theirs[2] ?? ''}=${theirs[3] ?? ''}\n`;
  let length = rest.length;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return theirs[1] === String(length) && theirs[0].length === length;
}
