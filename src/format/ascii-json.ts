/**
 * JSON that is safe to show: two spaces of indentation, and `\uXXXX` for all that is not printable
 * ASCII, since `JSON.stringify` leaves DEL, C1 and bidirectional characters as they are.
 */
export function asciiJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2).replaceAll(/[^\n\x20-\x7e]/g, escapeUnit);
  return `${text}\n`;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
