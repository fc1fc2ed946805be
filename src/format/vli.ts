/** Variable-length integers of the .xz format, 1.2: seven bits to a byte, the low ones first. */

/** `end`: offset behind it. Undefined if it breaks off, is not as short as can be, or too large. */
export function readVli(bytes: Buffer, at: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 9; index++) {
    const byte = bytes[at + index];
    if (byte === undefined || (byte === 0 && index > 0)) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return Number.isSafeInteger(value) ? { value, end: at + index + 1 } : undefined;
  }
  return undefined;
}
