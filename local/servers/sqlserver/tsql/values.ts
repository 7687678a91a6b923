/** Values between the session and DuckDB, exact in every type. */
import { DuckDBBlobValue, type DuckDBPreparedStatement, type DuckDBValue } from '@duckdb/node-api';
import type { SqlType, SqlValue } from '../session.ts';
import { quoteText } from './quoting.ts';

/** Binds one value. Text carries all that a JavaScript number could not: the statement casts it to its declared type. */
export function bindValue(statement: DuckDBPreparedStatement, index: number, value: SqlValue): void {
  if (value === null) statement.bindNull(index);
  else if (typeof value === 'boolean') statement.bindBoolean(index, value);
  else if (typeof value === 'bigint') statement.bindHugeInt(index, value);
  else if (typeof value === 'string') statement.bindVarchar(index, value.toWellFormed());
  else if (typeof value !== 'number') statement.bindBlob(index, value);
  else if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) statement.bindInteger(index, value);
  else statement.bindDouble(index, value);
}

/** A value of a result as a `SqlValue` of that type. */
export function readValue(value: DuckDBValue, type: SqlType | undefined): SqlValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value;
  if (typeof value === 'bigint') return type?.name === 'int' ? Number(value) : value;
  if (value instanceof DuckDBBlobValue) return value.bytes;
  const text = value.toString();
  return type?.name === 'uniqueidentifier' ? text.toUpperCase() : text;
}

/** A value written into a statement. */
export function literalSql(value: SqlValue, storage: string): string {
  if (value === null) return `CAST(NULL AS ${storage})`;
  if (value instanceof Uint8Array) return `from_hex('${Buffer.from(value).toString('hex')}')`;
  return `CAST(${quoteText(String(value))} AS ${storage})`;
}
