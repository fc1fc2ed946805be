/**
 * Seconds since 1970 as `2020-01-26T00:53:20Z`, as they are if no calendar reaches there.
 * @param fraction digits after the point, without trailing zeros
 */
export function isoTime(seconds: number, fraction = ''): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return String(seconds);
  return date.toISOString().replace('.000Z', fraction === '' ? 'Z' : `.${fraction}Z`);
}
