/** Runs INSERT, UPDATE and DELETE: counts, OUTPUT rows, identity values, foreign keys. */
import type { DuckDBMaterializedResult, DuckDBValue } from '@duckdb/node-api';
import type { SessionEvent, SqlValue } from '../session.ts';
import { columnOf } from './catalog.ts';
import { translateError } from './duckdb-errors.ts';
import { type ReferenceCheck, referenceChecks, verifyReference } from './foreign-keys.ts';
import { quoteName } from './quoting.ts';
import { resultColumns } from './running-queries.ts';
import type { Frame, SessionState } from './session-state.ts';
import { sequenceStatements, tableSql } from './tables.ts';
import { atomically } from './transactions.ts';
import { readValue } from './values.ts';
import { identitySequence, nextIdentity, type Write } from './writes.ts';

interface Outcome {
  readonly count: number;
  readonly result: DuckDBMaterializedResult;
  readonly rows: readonly DuckDBValue[][];
  readonly identity: DuckDBValue;
}

/** @throws SqlError */
export async function* runWrite(
  state: SessionState,
  frame: Frame,
  write: Write,
  values: readonly SqlValue[],
  line: number,
): AsyncGenerator<SessionEvent, void> {
  const checks = referenceChecks(state, write);
  let outcome: Outcome;
  try {
    outcome = await atomically(state, checks.length > 0, () => execute(state, write, values, checks, line));
  } catch (error) {
    throw translateError(error, { database: state.database, table: write.table, command: write.command, line });
  }
  state.rowCount = outcome.count;
  if (write.command === 'insert' && state.identityInsert === write.table.id) await catchUpIdentity(state, write);
  if (write.drawsIdentity && outcome.count > 0) {
    frame.scopeIdentity = readIdentity(outcome.identity);
    state.identity = frame.scopeIdentity;
  }
  if (write.output) {
    const columns = resultColumns(write.output.columns, outcome.result);
    yield { kind: 'columns', columns };
    const rows = outcome.rows.map(row => columns.map((column, index) => readValue(row[index] ?? null, column.type)));
    yield { kind: 'rows', rows };
  }
  const command = write.command === 'merge' ? 'other' : write.command;
  yield { kind: 'done', command, ...(state.noCount ? {} : { rowCount: outcome.count }) };
}

/** After explicit values: the identity goes on behind the greatest, as on the service. */
async function catchUpIdentity({ executor }: SessionState, { table }: Write): Promise<void> {
  const column = table.columns.find(each => each.identity);
  if (!column?.identity) return;
  const greatest = `SELECT ${nextIdentity(table)}, max(${quoteName(column.name)}) FROM ${tableSql(table)}`;
  const [next, max] = (await executor.rows(greatest)).rows[0] ?? [];
  if (typeof next !== 'bigint' || max === null || max === undefined || BigInt(String(max)) < next) return;
  const seed = Number(max) + column.identity.increment;
  await executor.run(`DROP SEQUENCE ${identitySequence(table)}`);
  for (const statement of sequenceStatements(table, seed)) await executor.run(statement);
}

function readIdentity(value: DuckDBValue): SqlValue {
  return value === null ? null : String(value);
}

async function execute(
  state: SessionState,
  write: Write,
  values: readonly SqlValue[],
  checks: readonly ReferenceCheck[],
  line: number,
): Promise<Outcome> {
  const identity = write.drawsIdentity ? write.table.columns.find(column => column.identity) : undefined;
  const output = write.output?.sql ?? [];
  const checked = [...new Set(checks.flatMap(check => check.columns))];
  const returning = [...output, ...(identity ? [quoteName(identity.name)] : []), ...checked.map(quoteName)];
  if (returning.length === 0) {
    const { changed, result } = await state.executor.materialize(write.sql, values);
    return { count: changed, result, rows: [], identity: null };
  }
  const { result } = await state.executor.materialize(`${write.sql} RETURNING ${returning.join(', ')}`, values);
  const rows = await result.getRows();
  const checkedAt = returning.length - checked.length;
  for (const check of checks) {
    const positions = check.columns.map(column => checkedAt + checked.indexOf(column));
    const types = check.columns.map(column => columnOf(write.table, column)?.type);
    const keys = rows.map(row => positions.map((at, index) => readValue(row[at] ?? null, types[index])));
    await verifyReference(state, check, keys, write.command, line);
  }
  const last = identity ? (rows.at(-1)?.[output.length] ?? null) : null;
  return { count: rows.length, result, rows, identity: last };
}
