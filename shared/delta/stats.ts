/**
 * Statistics of a data file (PROTOCOL.md, "Per-file Statistics"): made from what DuckDB's COPY returns, read back as SQL literals.
 * Values stay text from end to end, so that a BIGINT or DECIMAL bound keeps every digit. Pure; no I/O.
 */
import { sqlText } from '../duckdb/session.ts';
import { type ColumnType, duckDbType, type TableSchema } from './schema.ts';

/** One column as `COPY … (RETURN_STATS)` describes it: `min`, `max`, `null_count`, `has_nan`, all as text. */
export type CopiedColumn = Readonly<Record<string, string | undefined>>;

/** Bounds as text: every value of the column lies between them, both inclusive. */
export interface ColumnBounds {
  readonly min: string;
  readonly max: string;
}

/** Code points of a string bound, as Spark keeps. */
const stringPrefix = 32;
const highestCodePoint = '\u{10FFFF}';

/** The `stats` text of an `add`. `copied` is by column name; a column without usable bounds gets none, which readers take as "anything". */
export function formatStats(
  rows: string,
  schema: TableSchema,
  copied: Readonly<Record<string, CopiedColumn | undefined>>,
): string {
  const minValues: string[] = [];
  const maxValues: string[] = [];
  const nullCount: string[] = [];
  for (const { name, type } of schema) {
    const column = copied[name];
    if (column === undefined) continue;
    const label = JSON.stringify(name);
    if (column['null_count'] !== undefined) nullCount.push(`${label}:${column['null_count']}`);
    const bounds = jsonBounds(type, column);
    if (bounds === undefined) continue;
    minValues.push(`${label}:${bounds.min}`);
    maxValues.push(`${label}:${bounds.max}`);
  }
  // Written by hand: JSON.stringify would round a BIGINT beyond 2^53.
  return `{"numRecords":${rows},"minValues":{${minValues}},"maxValues":{${maxValues}},"nullCount":{${nullCount}}}`;
}

/** Rows of a file; undefined where its writer did not say. */
export function rowCount(stats: string | undefined): number | undefined {
  const count = parsed(stats)?.['numRecords'];
  return count === undefined ? undefined : Number(count);
}

/** Bounds of a column in a file; undefined where its writer gave none. */
export function columnBounds(stats: string | undefined, column: string): ColumnBounds | undefined {
  const values = parsed(stats);
  const min = member(values?.['minValues'], column);
  const max = member(values?.['maxValues'], column);
  return min === undefined || max === undefined ? undefined : { min, max };
}

/** Bounds as SQL expressions of the column's DuckDB type. */
export function sqlBounds(type: ColumnType, bounds: ColumnBounds): ColumnBounds {
  const cast = (text: string): string => `CAST(${sqlText(text)} AS ${duckDbType(type)})`;
  // Some writers cut timestamps down to milliseconds, the maximum too ("Per-file Statistics", footnote 1).
  const slack = type === 'timestamp' || type === 'timestamp_ntz' ? ' + INTERVAL 1 MILLISECOND' : '';
  return { min: cast(bounds.min), max: cast(bounds.max) + slack };
}

/** The bounds of one column as JSON values, or undefined where JSON or the protocol has no faithful way to say them. */
function jsonBounds(type: ColumnType, column: CopiedColumn): ColumnBounds | undefined {
  const { min, max } = column;
  if (min === undefined || max === undefined) return undefined;
  switch (type) {
    case 'string':
      return { min: JSON.stringify(stringFloor(min)), max: JSON.stringify(stringCeiling(max)) };
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(min) && /^\d{4}-\d\d-\d\d$/.test(max)
        ? { min: JSON.stringify(min), max: JSON.stringify(max) }
        : undefined;
    case 'timestamp':
    case 'timestamp_ntz': {
      const [floor, ceiling] = [timestampBound(min, 'down'), timestampBound(max, 'up')];
      if (floor === undefined || ceiling === undefined) return undefined;
      const zone = type === 'timestamp' ? 'Z' : '';
      return { min: JSON.stringify(floor + zone), max: JSON.stringify(ceiling + zone) };
    }
    case 'boolean':
    case 'binary':
      return undefined;
    default:
      // NaN is outside DuckDB's bounds, and infinity is no JSON number.
      return column['has_nan'] === 'true' || !isJsonNumber(min) || !isJsonNumber(max) ? undefined : { min, max };
  }
}

function isJsonNumber(text: string): boolean {
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text);
}

function stringFloor(text: string): string {
  return [...text].slice(0, stringPrefix).join('');
}

/** At least `text` in code point order: a prefix, then the highest code point, which any continuation stays below. */
function stringCeiling(text: string): string {
  const characters = [...text];
  let end = stringPrefix;
  while (characters[end] === highestCodePoint) end++;
  return characters.length <= end ? text : characters.slice(0, end).join('') + highestCodePoint;
}

/** `2024-01-01 00:00:00.123456+00` to milliseconds, without zone; undefined outside the years 0001 to 9999. */
function timestampBound(text: string, direction: 'down' | 'up'): string | undefined {
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00)?$/.exec(text);
  if (parts === null) return undefined;
  const fraction = (parts[3] ?? '').padEnd(6, '0');
  const floor = Date.parse(`${parts[1]}T${parts[2]}.${fraction.slice(0, 3)}Z`);
  const rounded = direction === 'up' && fraction.slice(3) !== '000' ? floor + 1 : floor;
  const bound = new Date(rounded).toISOString();
  return bound.startsWith('+') ? undefined : bound.slice(0, -1);
}

type StatsValue = string | { readonly [name: string]: StatsValue };

function parsed(stats: string | undefined): Readonly<Record<string, StatsValue>> | undefined {
  if (stats === undefined || stats === '') return undefined;
  // The reviver's third argument carries the digits of a number as they stand in the text.
  return JSON.parse(stats, (_name, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? context?.source : typeof value === 'boolean' ? String(value) : value,
  );
}

function member(values: StatsValue | undefined, column: string): string | undefined {
  if (typeof values !== 'object' || values === null || !Object.hasOwn(values, column)) return undefined;
  const value = values[column];
  return typeof value === 'string' ? value : undefined;
}
