import { isUtf8 } from 'node:buffer';

/** Bytes as text, if a person could read them as that. Untrusted. */
export function excerpt(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return undefined;
  // The end may lie inside a character.
  for (let end = bytes.length; end > Math.max(0, bytes.length - 4); end--) {
    const part = bytes.subarray(0, end);
    if (isUtf8(part)) return part.some((byte) => byte < 0x20 && !layout.has(byte)) ? undefined : part.toString('utf8');
  }
  return undefined;
}

const layout = new Set([0x09, 0x0a, 0x0d]);
