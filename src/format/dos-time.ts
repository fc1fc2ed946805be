/** Times of DOS, in local time without a zone (APPNOTE 4.4.6): two words, the clock in the lower one. */

interface DosTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

function fieldsOf(time: number): DosTime {
  const [clock, date] = [time & 0xffff, time >>> 16];
  return {
    year: 1980 + (date >> 9),
    month: (date >> 5) & 15,
    day: date & 31,
    hour: clock >> 11,
    minute: (clock >> 5) & 63,
    second: (clock & 31) * 2,
  };
}

/** `2020-02-04 10:20:30`, with the numbers as they are, a time or not. */
export function dosTime(time: number): string {
  const { year, month, day, hour, minute, second } = fieldsOf(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
}

/** Seconds since 1970 as if local time were UTC; undefined for what is no time. */
export function dosSeconds(time: number): number | undefined {
  const { year, month, day, hour, minute, second } = fieldsOf(time);
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  // A 31st of June, a 25th hour: bytes that hold something else.
  const isTime = hour < 24 && minute < 60 && second < 60 && new Date(seconds * 1000).getUTCDate() === day;
  return isTime && month >= 1 && month <= 12 && day > 0 ? seconds : undefined;
}
