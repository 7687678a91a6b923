/** Runs SELECT and turns its result into events, chunk by chunk. */
import type { DuckDBDataChunk, DuckDBResult, DuckDBType } from '@duckdb/node-api';
import { DuckDBDecimalType, DuckDBTypeId } from '@duckdb/node-api';
import type { SessionEvent, SqlColumn, SqlType, SqlValue } from '../session.ts';
import { chunkCounter } from './chunk-memory.ts';
import { translateError } from './duckdb-errors.ts';
import type { Query } from './queries.ts';
import type { OutputColumn } from './scope.ts';
import type { SessionState } from './session-state.ts';
import { storageType } from './types.ts';

/** @throws SqlError; rows may have gone out before it */
export async function* runQuery(
  state: SessionState,
  query: Query,
  values: readonly SqlValue[],
  line: number,
  signal: AbortSignal,
): AsyncGenerator<SessionEvent, void> {
  const place = { database: state.database, line };
  const countChunk = chunkCounter();
  let rowCount = 0;
  try {
    const result = await state.executor.stream(query.sql, values);
    yield { kind: 'columns', columns: resultColumns(query.columns, result) };
    for (let chunk = await next(result); chunk && !signal.aborted; chunk = await next(result)) {
      rowCount += chunk.rowCount;
      yield { kind: 'chunk', chunk };
      countChunk();
    }
  } catch (error) {
    throw translateError(error, place);
  }
  state.rowCount = rowCount;
  yield { kind: 'done', command: 'select', ...(state.noCount ? {} : { rowCount }) };
}

async function next(result: DuckDBResult): Promise<DuckDBDataChunk | null> {
  const chunk = await result.fetchChunk();
  return chunk && chunk.rowCount > 0 ? chunk : null;
}

/** The columns as declared, or as DuckDB made them where the declared type is not known or its vectors would not fit. */
export function resultColumns(columns: readonly OutputColumn[], result: DuckDBResult): SqlColumn[] {
  return columns.map((column, index) => {
    const actual = result.columnType(index);
    const exact = column.type !== undefined && storageType(column.type) === actual.toString();
    return {
      name: column.name,
      type: exact && column.type ? column.type : typeOfVector(actual),
      nullable: column.nullable,
      ...(column.identity ? { identity: true } : {}),
    };
  });
}

const vectorTypes: Readonly<Partial<Record<DuckDBTypeId, SqlType>>> = {
  [DuckDBTypeId.BOOLEAN]: { name: 'bit' },
  [DuckDBTypeId.TINYINT]: { name: 'smallint' },
  [DuckDBTypeId.UTINYINT]: { name: 'tinyint' },
  [DuckDBTypeId.SMALLINT]: { name: 'smallint' },
  [DuckDBTypeId.INTEGER]: { name: 'int' },
  [DuckDBTypeId.SQLNULL]: { name: 'int' },
  [DuckDBTypeId.BIGINT]: { name: 'bigint' },
  [DuckDBTypeId.HUGEINT]: { name: 'numeric', precision: 38, scale: 0 },
  [DuckDBTypeId.FLOAT]: { name: 'real' },
  [DuckDBTypeId.DOUBLE]: { name: 'float' },
  [DuckDBTypeId.DATE]: { name: 'date' },
  [DuckDBTypeId.TIME]: { name: 'time', scale: 6 },
  [DuckDBTypeId.TIMESTAMP]: { name: 'datetime2', scale: 6 },
  [DuckDBTypeId.TIMESTAMP_NS]: { name: 'datetime2', scale: 7 },
  [DuckDBTypeId.TIMESTAMP_TZ]: { name: 'datetimeoffset', scale: 7 },
  [DuckDBTypeId.UUID]: { name: 'uniqueidentifier' },
  [DuckDBTypeId.BLOB]: { name: 'varbinary', length: -1 },
};

/** The type that a DuckDB vector has by itself. */
export function typeOfVector(type: DuckDBType): SqlType {
  if (type instanceof DuckDBDecimalType) return { name: 'decimal', precision: type.width, scale: type.scale };
  return vectorTypes[type.typeId] ?? { name: 'nvarchar', length: -1 };
}
