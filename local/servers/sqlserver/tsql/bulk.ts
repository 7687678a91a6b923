/**
 * Bulk loads: rows go as they are into a staging table, and from there by an ordinary INSERT, so that identities, defaults,
 * lengths and constraints are treated by the one place that knows them.
 */
import {
  BIGINT,
  BLOB,
  BOOLEAN,
  blobValue,
  DOUBLE,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api';
import type { SqlColumn, SqlType, SqlValue } from '../session.ts';
import type { TableDefinition } from './catalog.ts';
import { Cursor } from './cursor.ts';
import { translateError } from './duckdb-errors.ts';
import { tokenize } from './lexer.ts';
import { quoteName } from './quoting.ts';
import { runWrite } from './running-writes.ts';
import { emptyScope, type Placeholder } from './scope.ts';
import { newFrame, type SessionState } from './session-state.ts';
import { tableSql } from './tables.ts';
import { doomAfterError } from './transactions.ts';
import { bindings, type Translations } from './translations.ts';
import { isBinary, isFloat, isInteger } from './types.ts';
import { translateInsert } from './writes.ts';

/** Rows staged before they are inserted: enough to be quick, few enough to be small. */
const stagedRows = 50_000;
/** DuckDB's vector size, the most a data chunk holds. */
const chunkRows = 2048;
const staging = '#bulk staging';

/**
 * All rows or none, in the open transaction or one of its own.
 *
 * @returns how many rows went in
 * @throws SqlError for the first value that does not fit, and whatever `rows` throws
 */
export async function insertBulk(
  state: SessionState,
  translations: Translations,
  table: string,
  columns: readonly SqlColumn[],
  rows: AsyncIterable<readonly (readonly SqlValue[])[]>,
): Promise<number> {
  const { executor } = state;
  const own = state.transactionCount === 0;
  if (own) await executor.run('BEGIN');
  try {
    const staged = await makeStaging(state, columns);
    let waiting = 0;
    let total = 0;
    const flush = async () => {
      await insertStaged(state, translations, table, columns);
      await executor.run(`DELETE FROM ${tableSql(staged)}`);
      total += waiting;
      waiting = 0;
    };
    for await (const batch of rows) {
      await appendRows(state, columns, batch);
      waiting += batch.length;
      if (waiting >= stagedRows) await flush();
    }
    if (waiting > 0) await flush();
    await executor.run(`DROP TABLE ${tableSql(staged)}`);
    if (own) await executor.run('COMMIT');
    return total;
  } catch (error) {
    if (own) await executor.run('ROLLBACK').catch(() => undefined);
    else await doomAfterError(state);
    throw error instanceof Error && /^[A-Z][\w ]*Error: /.test(error.message)
      ? translateError(error, { database: state.database })
      : error;
  } finally {
    state.temporaryTables.delete(staging);
    state.temporaryGeneration += 1;
  }
}

/** Staged as the wire gave them: numbers, bytes, and text for all the rest, which the INSERT then converts. */
function stagedAs(type: SqlType): { type: SqlType; vector: DuckDBType } {
  if (type.name === 'bit') return { type, vector: BOOLEAN };
  if (isInteger(type)) return { type: { name: 'bigint' }, vector: BIGINT };
  if (isFloat(type)) return { type: { name: 'float' }, vector: DOUBLE };
  if (isBinary(type)) return { type: { name: 'varbinary', length: -1 }, vector: BLOB };
  return { type: { name: 'nvarchar', length: -1 }, vector: VARCHAR };
}

async function makeStaging(state: SessionState, columns: readonly SqlColumn[]): Promise<TableDefinition> {
  const definition: TableDefinition = {
    kind: 'table',
    id: 0,
    schema: 'dbo',
    name: staging,
    columns: columns.map(({ name, type }, index) => ({
      id: index + 1,
      name,
      type: stagedAs(type).type,
      nullable: true,
    })),
    keys: [],
    foreignKeys: [],
    checks: [],
    indexes: [],
  };
  const list = columns.map(({ name, type }) => `${quoteName(name)} ${stagedAs(type).vector}`).join(', ');
  await state.executor.run(`CREATE OR REPLACE TEMP TABLE ${tableSql(definition)} (${list})`);
  state.temporaryTables.set(staging, definition);
  state.temporaryGeneration += 1;
  return definition;
}

async function appendRows(
  state: SessionState,
  columns: readonly SqlColumn[],
  rows: readonly (readonly SqlValue[])[],
): Promise<void> {
  const vectors = columns.map(({ type }) => stagedAs(type).vector);
  const appender = await state.executor.connection.createAppender(staging, 'main', 'temp');
  for (let start = 0; start < rows.length; start += chunkRows) {
    const part = rows.slice(start, start + chunkRows);
    const chunk = DuckDBDataChunk.create(vectors, part.length);
    chunk.setRows(part.map(row => row.map((value, index) => stagedValue(value, vectors[index]))));
    appender.appendDataChunk(chunk);
  }
  appender.flushSync();
  appender.closeSync();
}

function stagedValue(value: SqlValue, vector: DuckDBType | undefined): DuckDBValue {
  if (value === null) return null;
  if (vector === BIGINT)
    return BigInt(
      Number.isInteger(value) || typeof value !== 'number' ? (value as bigint | number) : Math.trunc(value),
    );
  if (vector === BOOLEAN || vector === DOUBLE) return vector === BOOLEAN ? Boolean(value) : Number(value);
  if (value instanceof Uint8Array) return blobValue(value);
  return typeof value === 'string' ? value.toWellFormed() : String(value);
}

async function insertStaged(
  state: SessionState,
  translations: Translations,
  table: string,
  columns: readonly SqlColumn[],
): Promise<void> {
  const list = columns.map(({ name }) => `[${name.replaceAll(']', ']]')}]`).join(', ');
  const tokens = tokenize(`INSERT INTO ${table} (${list}) SELECT ${list} FROM [${staging}]`);
  const frame = newFrame();
  const placeholders: Placeholder[] = [];
  const scope = emptyScope(translations.translation(frame, placeholders));
  // An identity column that is sent is meant: KEEP_IDENTITY.
  const write = translateInsert(new Cursor(tokens), scope, { identityInsert: () => true });
  // The surrounding transaction must not be taken for autocommit.
  state.transactionCount += 1;
  try {
    for await (const _ of runWrite(state, frame, write, bindings(state, frame, placeholders), 1)) {
      // The count is known; only errors matter.
    }
  } finally {
    state.transactionCount -= 1;
  }
}
