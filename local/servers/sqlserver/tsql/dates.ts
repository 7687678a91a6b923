/** DATEADD, DATEDIFF, DATEPART and the other functions over points in time, to 100 ns where the type keeps them. */
import type { SqlType } from '../session.ts';
import { convert } from './conversions.ts';
import type { Cursor } from './cursor.ts';
import { sqlError } from './errors.ts';
import { bigintType, type Fragment, fragment, intType, nvarchar } from './fragment.ts';
import { isDateTime, isString } from './types.ts';

const dateparts: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'year yy yyyy',
    'quarter qq q',
    'month mm m',
    'dayofyear dy y',
    'day dd d',
    'week wk ww',
    'iso_week isowk isoww',
    'weekday dw w',
    'hour hh',
    'minute mi n',
    'second ss s',
    'millisecond ms',
    'microsecond mcs',
    'nanosecond ns',
  ].flatMap(line => line.split(' ').map(name => [name, line.split(' ')[0] ?? ''])),
);

/** Reads the datepart that stands as the first argument, by any of its names. */
export function readDatepart(inside: Cursor): string {
  const token = inside.next();
  const part = dateparts[token.text.toLowerCase()];
  if (!part) throw sqlError(155, token.line, token.text);
  return part;
}

/** Text stands for a datetime2(7), so that no digit is lost. */
function instant(value: Fragment): Fragment {
  return isString(value.type) || value.type === undefined ? convert(value, { name: 'datetime2', scale: 7 }) : value;
}

const nanoseconds: Readonly<Record<string, bigint>> = {
  week: 604_800_000_000_000n,
  day: 86_400_000_000_000n,
  dayofyear: 86_400_000_000_000n,
  weekday: 86_400_000_000_000n,
  hour: 3_600_000_000_000n,
  minute: 60_000_000_000n,
  second: 1_000_000_000n,
  millisecond: 1_000_000n,
  microsecond: 1_000n,
  nanosecond: 1n,
};

export function dateAdd(part: string, amount: Fragment, value: Fragment): Fragment {
  const at = isString(value.type) || value.type === undefined ? convert(value, { name: 'datetime2', scale: 7 }) : value;
  const count = `CAST(${amount.sql} AS BIGINT)`;
  const months = { year: 12, quarter: 3, month: 1 }[part];
  if (at.type?.name === 'date') return fragment(`CAST((${at.sql} + ${interval(part, count)}) AS DATE)`, at.type);
  if (!isNanosecond(at.type)) return fragment(`(${at.sql} + ${interval(part, count)})`, at.type);
  // DuckDB's intervals turn TIMESTAMP_NS into microseconds: count in nanoseconds, and carry what is below a microsecond over.
  if (months === undefined) {
    return fragment(`make_timestamp_ns(epoch_ns(${at.sql}) + ${count} * ${nanoseconds[part] ?? 1n})`, at.type);
  }
  const shifted = `CAST(${at.sql} AS TIMESTAMP) + to_months(CAST(${count} * ${months} AS INTEGER))`;
  return fragment(`make_timestamp_ns(epoch_ns(${shifted}) + epoch_ns(${at.sql}) % 1000)`, at.type);
}

function isNanosecond(type: SqlType | undefined): boolean {
  return type?.name === 'datetime2' && (type.scale ?? 7) === 7;
}

function interval(part: string, count: string): string {
  const months = { year: 12, quarter: 3, month: 1 }[part];
  if (months !== undefined) return `to_months(CAST(${count} * ${months} AS INTEGER))`;
  const size = nanoseconds[part] ?? 1n;
  return size >= 1000n ? `to_microseconds(${count} * ${size / 1000n})` : `to_microseconds(${count} // 1000)`;
}

/** Counts boundaries crossed, as SQL Server: 00:59 to 01:01 is one hour. */
export function dateDiff(part: string, from: Fragment, to: Fragment, big: boolean): Fragment {
  const type = big ? bigintType : intType;
  const a = instant(from).sql;
  const b = instant(to).sql;
  const cast = (sql: string) => fragment(`CAST(${sql} AS ${big ? 'BIGINT' : 'INTEGER'})`, type);
  if (part === 'nanosecond') return cast(`(epoch_ns(${b}) - epoch_ns(${a}))`);
  // Weeks begin on Sunday, whatever DATEFIRST says; DuckDB's begin on Monday.
  if (part === 'week') {
    return cast(
      `date_diff('week', CAST(${a} AS TIMESTAMP) + INTERVAL 1 DAY, CAST(${b} AS TIMESTAMP) + INTERVAL 1 DAY)`,
    );
  }
  const unit = part === 'dayofyear' || part === 'weekday' ? 'day' : part;
  return cast(`date_diff('${unit}', CAST(${a} AS TIMESTAMP), CAST(${b} AS TIMESTAMP))`);
}

export function datePart(part: string, value: Fragment): Fragment {
  const at = instant(value).sql;
  const fraction = `(epoch_ns(${at}) % 1000000000)`;
  const expressions: Readonly<Record<string, string>> = {
    weekday: `(dayofweek(${at}) + 1)`,
    week: `((dayofyear(${at}) + dayofweek(date_trunc('year', ${at})) - 1) // 7 + 1)`,
    iso_week: `week(${at})`,
    dayofyear: `dayofyear(${at})`,
    millisecond: `(${fraction} // 1000000)`,
    microsecond: `(${fraction} // 1000)`,
    nanosecond: fraction,
  };
  return fragment(`CAST(${expressions[part] ?? `date_part('${part}', ${at})`} AS INTEGER)`, intType);
}

export function dateName(part: string, value: Fragment): Fragment {
  const at = instant(value);
  if (part === 'month') return fragment(`monthname(${at.sql})`, nvarchar(30));
  if (part === 'weekday') return fragment(`dayname(${at.sql})`, nvarchar(30));
  return fragment(`CAST(${datePart(part, value).sql} AS VARCHAR)`, nvarchar(30));
}

/** DATETRUNC keeps the type of its argument. */
export function dateTrunc(part: string, value: Fragment): Fragment {
  const at = instant(value);
  const type = at.type ?? { name: 'datetime2', scale: 7 };
  const unit = part === 'dayofyear' ? 'day' : part === 'iso_week' ? 'week' : part;
  const storage = isNanosecond(type) ? 'TIMESTAMP_NS' : type.name === 'date' ? 'DATE' : 'TIMESTAMP';
  return fragment(`CAST(date_trunc('${unit}', ${at.sql}) AS ${storage})`, type);
}

export function endOfMonth(value: Fragment, months: Fragment | undefined): Fragment {
  const date = isDateTime(value.type) ? `CAST(${value.sql} AS DATE)` : convert(value, { name: 'date' }).sql;
  const shifted = months ? `CAST(${date} + to_months(CAST(${months.sql} AS INTEGER)) AS DATE)` : date;
  return fragment(`last_day(${shifted})`, { name: 'date' });
}
