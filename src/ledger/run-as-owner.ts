import type { Reading } from './types.ts';

/** Keys of what runs as its owner or group: who that is changes what it can do. */
export function runAsOwner(...readings: readonly Reading[]): ReadonlySet<string> {
  const members = readings.flatMap((reading) => reading.members);
  const powerful = members.filter(({ fields }) => (Number.parseInt(fields['mode'] ?? '0', 8) & 0o6000) !== 0);
  return new Set(powerful.map(({ key }) => key));
}
