/**
 * Dates and times between their canonical text and the numbers that TDS carries: days since 0001-01-01 (proleptic Gregorian,
 * as SQL Server and DuckDB) and ticks of 100 ns since midnight, the finest that SQL Server keeps.
 */
const DAY_MS = 86_400_000;
const TICKS_PER_SECOND = 10_000_000;
const TICKS_PER_MINUTE = 60 * TICKS_PER_SECOND;
/** Ticks of 100 ns in a day; a time of day is below it. */
export const TICKS_PER_DAY = 86_400 * TICKS_PER_SECOND;

/** 0001-01-01 to 1970-01-01, in days. */
export const DAYS_TO_1970 = 719_162;
/** 0001-01-01 to 1900-01-01, where `datetime` begins to count. */
export const DAYS_TO_1900 = 693_595;
/** 9999-12-31. */
export const LAST_DAY = 3_652_058;

/** A date and a time of day, as TDS counts them. */
export interface Moment {
  /** Days since 0001-01-01. */
  readonly days: number;
  /** 100 ns units since midnight, below `TICKS_PER_DAY`. */
  readonly ticks: number;
  /** Minutes east of UTC; days and ticks are local to it. 0 where the text names none. */
  readonly offsetMinutes: number;
}

const DATE = String.raw`(\d{4})-(\d{1,2})-(\d{1,2})`;
const TIME = String.raw`(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?`;
const ZONE = String.raw`(?:\s*(Z|[+-]\d{2}(?::?\d{2})?))?`;
const MOMENT = new RegExp(`^(?:${DATE})?(?:[T ]?${TIME})?${ZONE}$`, 'i');

/** Reads `2024-02-29`, `13:45:00.1234567`, both with `T` or a space between, and an optional `Z` or `+hh:mm`. */
export function parseMoment(text: string): Moment {
  const match = MOMENT.exec(text.trim());
  if (match === null || (match[1] === undefined && match[4] === undefined)) throw invalid(text);
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone] = match;
  const days = year === undefined ? DAYS_TO_1900 : daysOf(Number(year), Number(month), Number(day), text);
  if (hour === undefined) return { days, ticks: 0, offsetMinutes: offsetOf(zone) };
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) throw invalid(text);
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const ticks = seconds * TICKS_PER_SECOND + Number(fraction.padEnd(7, '0').slice(0, 7));
  return { days, ticks, offsetMinutes: offsetOf(zone) };
}

function daysOf(year: number, month: number, day: number, text: string): number {
  // Date.UTC takes the years 0 to 99 for 1900 to 1999; setUTCFullYear does not.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (year < 1 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) throw invalid(text);
  return date.getTime() / DAY_MS + DAYS_TO_1970;
}

function offsetOf(zone: string | undefined): number {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', '') || 0);
  return zone.startsWith('-') ? -minutes : minutes;
}

function invalid(text: string): RangeError {
  return new RangeError(`"${text}" is not a date or time between 0001-01-01 and 9999-12-31`);
}

/** `2024-02-29`. */
export function formatDate(days: number): string {
  if (days < 0 || days > LAST_DAY) throw new RangeError(`day ${days} is outside 0001-01-01 to 9999-12-31`);
  return new Date((days - DAYS_TO_1970) * DAY_MS).toISOString().slice(0, 10);
}

/** `13:45:00.1234567`, with `scale` digits after the point and no point when it is 0. */
export function formatTime(ticks: number, scale: number): string {
  const seconds = Math.floor(ticks / TICKS_PER_SECOND);
  const clock = new Date(seconds * 1000).toISOString().slice(11, 19);
  if (scale === 0) return clock;
  return `${clock}.${String(ticks % TICKS_PER_SECOND)
    .padStart(7, '0')
    .slice(0, scale)}`;
}

/** `+02:00`. */
export function formatOffset(minutes: number): string {
  const size = Math.abs(minutes);
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

/** Moves a moment by whole minutes, over midnight where it must. */
export function shiftMinutes(days: number, ticks: number, minutes: number): { days: number; ticks: number } {
  const moved = ticks + minutes * TICKS_PER_MINUTE;
  const over = Math.floor(moved / TICKS_PER_DAY);
  return { days: days + over, ticks: moved - over * TICKS_PER_DAY };
}
