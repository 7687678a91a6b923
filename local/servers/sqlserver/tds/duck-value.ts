import { DuckDBBlobValue, DuckDBTimestampTZValue, DuckDBTimestampValue, type DuckDBValue } from '@duckdb/node-api';
import type { SqlValue } from '../session.ts';

/** One DuckDB value as a `SqlValue`. Lists, structs and other types that SQL Server lacks become their text. */
export function sqlValueOf(value: DuckDBValue): SqlValue {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof DuckDBBlobValue) return value.bytes;
  // An instant: its own text would show the time zone of this machine.
  if (value instanceof DuckDBTimestampTZValue) return `${new DuckDBTimestampValue(value.micros)}+00:00`;
  return value.toString();
}
