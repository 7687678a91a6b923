/**
 * CAST and CONVERT between T-SQL's types, as native DuckDB expressions: a million rows pass through them.
 * (Documentation: "CAST and CONVERT".)
 */
import type { SqlType } from '../session.ts';
import { unsupported } from './errors.ts';
import { type Fragment, fragment } from './fragment.ts';
import {
  decimalShape,
  isBinary,
  isDateTime,
  isDecimal,
  isFixedString,
  isFloat,
  isInteger,
  isString,
  storageType,
  typeText,
} from './types.ts';

/** Converts to a declared type. Strings are cut to its length, as CAST does; columns refuse instead (see assignments). */
export function convert(value: Fragment, target: SqlType, style?: number): Fragment {
  if (isString(target)) return fragment(toText(value, target, style), target);
  const source = value.type;
  if (source && storageType(source) === storageType(target) && !needsRounding(source, target)) {
    return fragment(value.sql, target);
  }
  if (isDateTime(target)) return fragment(toDateTime(value, target, style), target);
  if (isBinary(target)) return fragment(toBinary(value, target), target);
  const cast = (sql: string) => fragment(`CAST(${sql} AS ${storageType(target)})`, target);
  if (isInteger(target) && (isDecimal(source) || isFloat(source))) {
    // T-SQL cuts decimals off on the way to an integer; DuckDB would round.
    return target.name === 'bit' ? cast(`(${value.sql} <> 0)`) : cast(`trunc(${value.sql})`);
  }
  if (isInteger(target) && isBinary(source)) return cast(`CAST('0x' || hex(${value.sql}) AS BIGINT)`);
  if (isInteger(target) && isDateTime(source))
    return cast(`date_diff('day', DATE '1900-01-01', CAST(${value.sql} AS DATE))`);
  if (target.name === 'uniqueidentifier' && isString(source)) return fragment(`tsql.read_uuid(${value.sql})`, target);
  if (isString(source)) return cast(`trim(${value.sql})`);
  return cast(value.sql);
}

function needsRounding(source: SqlType, target: SqlType): boolean {
  if (target.name === 'datetime' || target.name === 'smalldatetime') return source.name !== target.name;
  return isDateTime(target) && (source.scale ?? 0) > (target.scale ?? 0);
}

/** Decimals of a second that a type keeps. */
function fractionDigits(type: SqlType): number {
  if (type.name === 'datetime') return 3;
  if (type.name === 'date' || type.name === 'smalldatetime') return 0;
  return type.scale ?? 7;
}

function toDateTime(value: Fragment, target: SqlType, style: number | undefined): string {
  const source = value.type;
  if (isInteger(source)) return `(TIMESTAMP '1900-01-01' + to_days(${value.sql}))`;
  const from = isString(source) ? `tsql.read_datetime(${value.sql}, ${style ?? 0})` : value.sql;
  if (target.name === 'date') return `CAST(${from} AS DATE)`;
  if (target.name === 'datetimeoffset') return `CAST(${isString(source) ? value.sql : from} AS TIMESTAMPTZ)`;
  if (target.name === 'datetime') return `tsql.round_datetime(CAST(${from} AS TIMESTAMP))`;
  if (target.name === 'smalldatetime') return `date_trunc('minute', CAST(${from} AS TIMESTAMP) + INTERVAL 30 SECOND)`;
  const scale = target.scale ?? 7;
  if (scale === 7) return isString(source) ? `tsql.read_datetime2(${value.sql})` : `CAST(${from} AS TIMESTAMP_NS)`;
  const sourceDigits = source && !isString(source) ? fractionDigits(source) : 7;
  if (scale === 6 || sourceDigits <= scale) return `CAST(${from} AS TIMESTAMP)`;
  const unit = 10 ** (6 - scale);
  return `time_bucket(INTERVAL ${unit} MICROSECOND, CAST(${from} AS TIMESTAMP) + INTERVAL ${unit / 2} MICROSECOND)`;
}

function toBinary(value: Fragment, target: SqlType): string {
  const length = target.length ?? 1;
  const bytes = isInteger(value.type)
    ? `from_hex(lpad(to_hex(CAST(${value.sql} AS UBIGINT)), ${integerWidth(value.type) * 2}, '0'))`
    : isString(value.type)
      ? `encode(${value.sql})`
      : `CAST(${value.sql} AS BLOB)`;
  return length === -1 || isBinary(value.type) ? bytes : `CAST(${bytes} AS BLOB)`;
}

function integerWidth(type: SqlType | undefined): number {
  return { bit: 1, tinyint: 1, smallint: 2, int: 4, bigint: 8 }[type?.name as 'int'] ?? 8;
}

function toText(value: Fragment, target: SqlType, style: number | undefined): string {
  const text = textOf(value, style);
  const length = target.length ?? 1;
  if (isFixedString(target)) return `rpad(${text}, ${length}, ' ')`;
  const longest = value.literal?.length ?? longestText(value.type);
  return length === -1 || longest <= length ? text : `left(${text}, ${length})`;
}

/** The most characters a value of this type takes as text: a cut that cannot happen is not emitted. */
function longestText(type: SqlType | undefined): number {
  if (type === undefined) return Number.POSITIVE_INFINITY;
  if (isString(type)) return type.length === -1 ? Number.POSITIVE_INFINITY : (type.length ?? 1);
  if (isInteger(type) || isDecimal(type)) return decimalShape(type).precision + 2;
  if (isDateTime(type)) return 34;
  return type.name === 'uniqueidentifier' ? 36 : Number.POSITIVE_INFINITY;
}

/** A value as text, without regard to length. */
function textOf(value: Fragment, style: number | undefined): string {
  const { sql, type } = value;
  if (isString(type)) return sql;
  if (type?.name === 'bit') return `CAST(CAST(${sql} AS INTEGER) AS VARCHAR)`;
  if (type?.name === 'uniqueidentifier') return `upper(CAST(${sql} AS VARCHAR))`;
  if (isBinary(type)) return style === 1 ? `('0x' || hex(${sql}))` : style === 2 ? `hex(${sql})` : `decode(${sql})`;
  if (type?.name === 'money' && style !== 2) return `CAST(CAST(${sql} AS DECIMAL(19,2)) AS VARCHAR)`;
  if (isDateTime(type)) return dateTimeText(sql, type as SqlType, style);
  return `CAST(${sql} AS VARCHAR)`;
}

/** strftime formats by CONVERT style; `f` stands for the fraction with its point. */
const dateStyles: Readonly<Record<number, string>> = {
  1: '%m/%d/%y',
  3: '%d/%m/%y',
  8: '%H:%M:%S',
  20: '%Y-%m-%d %H:%M:%S',
  21: '%Y-%m-%d %H:%M:%Sf',
  23: '%Y-%m-%d',
  24: '%H:%M:%S',
  25: '%Y-%m-%d %H:%M:%Sf',
  101: '%m/%d/%Y',
  102: '%Y.%m.%d',
  103: '%d/%m/%Y',
  104: '%d.%m.%Y',
  105: '%d-%m-%Y',
  106: '%d %b %Y',
  107: '%b %d, %Y',
  108: '%H:%M:%S',
  110: '%m-%d-%Y',
  111: '%Y/%m/%d',
  112: '%Y%m%d',
  114: '%H:%M:%Sf',
  120: '%Y-%m-%d %H:%M:%S',
  121: '%Y-%m-%d %H:%M:%Sf',
  126: '%Y-%m-%dT%H:%M:%Sf',
  127: '%Y-%m-%dT%H:%M:%SfZ',
};

function dateTimeText(sql: string, type: SqlType, style: number | undefined): string {
  if (type.name === 'date') {
    const format = style === undefined ? '%Y-%m-%d' : formatOf(style, type).replace(/[ T]?%H.*$/, '');
    return format === '%Y-%m-%d' ? `CAST(${sql} AS VARCHAR)` : `strftime(${sql}, '${format}')`;
  }
  if (style === undefined && (type.name === 'datetime' || type.name === 'smalldatetime')) {
    return `strftime(${sql}, '%b %-d %Y %-I:%M%p')`;
  }
  if (type.name === 'datetimeoffset') {
    return `(strftime(CAST(${sql} AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%f') || '0 +00:00')`;
  }
  const format = formatOf(style ?? 121, type);
  const digits = fractionDigits(type);
  const at = format.indexOf('f');
  // 126 alone leaves out a fraction of zero. (Documentation: CONVERT, note 6 of the styles.)
  if (style === 126 && digits > 0) {
    const bare = `strftime(${sql}, '${format.replace('f', '')}')`;
    return `CASE WHEN epoch_ns(${sql}) % 1000000000 = 0 THEN ${bare} ELSE ${withFraction(sql, format, digits)} END`;
  }
  return at < 0 ? `strftime(${sql}, '${format}')` : withFraction(sql, format, digits);
}

function formatOf(style: number, type: SqlType): string {
  const format = dateStyles[style];
  if (!format) throw unsupported(`CONVERT of ${typeText(type)} with style ${style}`, undefined);
  return format;
}

/** The fraction is printed with nine digits and cut to those of the declared scale. */
function withFraction(sql: string, format: string, digits: number): string {
  const [before = '', after = ''] = format.split('f');
  if (digits === 0) return `strftime(${sql}, '${before}${after}')`;
  const length = before.replace('%Y', '0000').replace(/%[a-zA-Z]/g, '00').length + 1 + digits;
  const cut = `left(strftime(${sql}, '${before}.%n'), ${length})`;
  return after === '' ? cut : `(${cut} || '${after}')`;
}
