/**
 * How each SQL Server type travels without loss: as which text the server sends it, and as what silver keeps it.
 *
 * The driver hands `decimal` and `money` over as JavaScript numbers and dates as milliseconds, so everything inexact is turned
 * into text by the server (styles of CAST and CONVERT: 23 is yyyy-mm-dd, 121 is ODBC canonical with all fraction digits). The text
 * is nvarchar, because the driver decodes varchar through a table of code pages, at a quarter more time for the whole extract.
 */
import type { SourceColumn } from '../../catalog/types.ts';
import { ConfigError } from '../../errors.ts';

export type SilverType =
  | 'string'
  | 'boolean'
  | 'short'
  | 'integer'
  | 'long'
  | 'date'
  | 'timestamp'
  | `decimal(${number},${number})`;

export interface SilverColumn {
  readonly name: string;
  readonly type: SilverType;
  readonly nullable: boolean;
  readonly description: string;
  /** DuckDB expression over the bronze CSV, all of whose columns are text. */
  readonly expression: string;
}

interface ParsedType {
  readonly base: string;
  readonly first: number | undefined;
  readonly second: number | undefined;
}

/** The select expression that makes the server send the exact value. */
export function exactExpression(column: SourceColumn): string {
  const name = quoteName(column.name);
  switch (parse(column).base) {
    case 'decimal':
    case 'numeric':
      return `CONVERT(nvarchar(41), ${name}) AS ${name}`;
    case 'date':
      return `CONVERT(nchar(10), ${name}, 23) AS ${name}`;
    case 'datetime2':
      return `CONVERT(nvarchar(27), ${name}, 121) AS ${name}`;
    default:
      return name;
  }
}

/**
 * The silver columns of one source column. Delta's `timestamp` keeps microseconds, so a `datetime2(7)` brings a second column,
 * `<name>_ticks`: 100-nanosecond ticks since 0001-01-01 00:00 UTC, exact and good to order by.
 */
export function silverColumns(column: SourceColumn): readonly SilverColumn[] {
  const { base, first, second } = parse(column);
  const { name, nullable, description } = column;
  const text = quoteName(name, '"');
  const one = (type: SilverType, duckdb: string): readonly SilverColumn[] => [
    { name, type, nullable, description, expression: duckdb },
  ];
  switch (base) {
    case 'bit':
      return one('boolean', `CAST(${text} AS BOOLEAN)`);
    case 'tinyint': // 0 to 255 in SQL Server: a signed byte would not hold it
    case 'smallint':
      return one('short', `CAST(${text} AS SMALLINT)`);
    case 'int':
      return one('integer', `CAST(${text} AS INTEGER)`);
    case 'bigint':
      return one('long', `CAST(${text} AS BIGINT)`);
    case 'decimal':
    case 'numeric': {
      const type = `decimal(${first ?? 18},${second ?? 0})` as const;
      return one(type, `CAST(${text} AS ${type})`);
    }
    case 'date':
      return one('date', `CAST(${text} AS DATE)`);
    case 'datetime2': {
      const microseconds = `CAST(substr(${text}, 1, 26) AS TIMESTAMP)`;
      const timestamp = one('timestamp', `timezone('UTC', ${microseconds})`);
      if ((first ?? 7) < 7) return timestamp;
      return [
        ...timestamp,
        {
          name: ticksColumn(name),
          type: 'long',
          nullable,
          description: `${name}, exact: 100-nanosecond ticks since 0001-01-01 00:00 UTC.`,
          expression: `((epoch_us(${microseconds}) + ${microsecondsBefore1970}) * 10 + CAST(substr(${text}, 27, 1) AS BIGINT))`,
        },
      ];
    }
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'uniqueidentifier':
      return one('string', text);
    default:
      throw new ConfigError(
        `catalog column ${name}: the type ${column.type} has no mapping to silver; add it to shared/sources/mssql/column-types.ts`,
        { code: 'column-type' },
      );
  }
}

/** Microseconds from 0001-01-01 to 1970-01-01 in the proleptic Gregorian calendar, as SQL Server counts (719,162 days). */
const microsecondsBefore1970 = '62135596800000000';

export function ticksColumn(name: string): string {
  return `${name}_ticks`;
}

/** A name in T-SQL brackets or, for DuckDB, in double quotes, with the closing mark doubled. */
export function quoteName(name: string, style: '[' | '"' = '['): string {
  return style === '[' ? `[${name.replaceAll(']', ']]')}]` : `"${name.replaceAll('"', '""')}"`;
}

function parse(column: SourceColumn): ParsedType {
  const match = /^(\w+)\s*(?:\(\s*(\d+|max)\s*(?:,\s*(\d+)\s*)?\))?$/i.exec(column.type);
  if (!match) {
    throw new ConfigError(`catalog column ${column.name}: cannot read the type ${JSON.stringify(column.type)}`, {
      code: 'column-type',
    });
  }
  const number = (text: string | undefined): number | undefined =>
    text === undefined || text.toLowerCase() === 'max' ? undefined : Number(text);
  return { base: (match[1] ?? '').toLowerCase(), first: number(match[2]), second: number(match[3]) };
}
