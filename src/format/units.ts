/** Human units: `2h`, `90m`, `8GiB`. Parsed and written without loss. */

const seconds = { d: 86_400, h: 3600, m: 60, s: 1 } as const;
const bytes = {
  TiB: 1024 ** 4,
  GiB: 1024 ** 3,
  MiB: 1024 ** 2,
  KiB: 1024,
  TB: 1e12,
  GB: 1e9,
  MB: 1e6,
  kB: 1e3,
  B: 1,
} as const;

export const durationPattern = /^[1-9][0-9]{0,9}(?:d|h|m|s)$/;
export const sizePattern = /^[1-9][0-9]{0,9}(?:[TGMK]iB|[TGM]B|kB|B)$/;

/** Seconds. */
export function parseDuration(text: string): number | undefined {
  return durationPattern.test(text) ? parseUnit(text, seconds) : undefined;
}

/** Bytes. */
export function parseSize(text: string): number | undefined {
  return sizePattern.test(text) ? parseUnit(text, bytes) : undefined;
}

export function formatDuration(value: number): string {
  return formatUnit(value, seconds);
}

export function formatSize(value: number): string {
  return formatUnit(value, bytes);
}

function parseUnit(text: string, units: Readonly<Record<string, number>>): number {
  const digits = /^[0-9]+/.exec(text)?.[0] ?? '';
  return Number(digits) * (units[text.slice(digits.length)] ?? Number.NaN);
}

/** The largest unit that divides the value. */
function formatUnit(value: number, units: Readonly<Record<string, number>>): string {
  const [unit, size] = Object.entries(units)
    .toSorted(([, a], [, b]) => b - a)
    .find(([, size]) => value % size === 0) ?? ['', 1];
  return `${value / size}${unit}`;
}

/** For people: `1.2 GB`. */
export function humanSize(value: number): string {
  const [unit, size] = [['TB', 1e12] as const, ['GB', 1e9] as const, ['MB', 1e6] as const, ['kB', 1e3] as const].find(
    ([, size]) => value >= size,
  ) ?? ['B', 1];
  return size === 1 ? `${value} B` : `${(value / size).toFixed(1)} ${unit}`;
}
