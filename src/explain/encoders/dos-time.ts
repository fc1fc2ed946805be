/** APPNOTE 4.4.6: two words, time before date; seconds since 1970 as if local time were UTC. Undefined for what is no time. */
export function dosSeconds(bytes: Buffer): number | undefined {
  if (bytes.length !== 4) return undefined;
  const [time, date] = [bytes.readUInt16LE(0), bytes.readUInt16LE(2)];
  const [hour, minute, second] = [time >> 11, (time >> 5) & 63, (time & 31) * 2];
  const [year, month, day] = [1980 + (date >> 9), (date >> 5) & 15, date & 31];
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  // A 31st of June, a 25th hour: bytes that hold something else.
  const isTime = hour < 24 && minute < 60 && second < 60 && new Date(seconds * 1000).getUTCDate() === day;
  return isTime && month >= 1 && month <= 12 && day > 0 ? seconds : undefined;
}
