/** Numbers as people read them, the same in every format. */

/** `12,345`. */
export function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `12,345 bytes`. */
export function byteCount(bytes: number): string {
  return counted(bytes, 'byte');
}

/** `1 file`, `3 files`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `0x0001f3a0`. */
export function offsetText(at: number): string {
  return `0x${at.toString(16).padStart(8, '0')}`;
}
