/** `SELECT … INTO t FROM …`: a new table with the columns of the query. */
import type { SessionEvent } from '../session.ts';
import type { ColumnDefinition, TableDefinition } from './catalog.ts';
import { Cursor } from './cursor.ts';
import { sqlError } from './errors.ts';
import type { Interpreter } from './interpreter.ts';
import type { Token } from './lexer.ts';
import { translateQuery } from './queries.ts';
import { quoteName } from './quoting.ts';
import { emptyScope, type Placeholder } from './scope.ts';
import type { Frame } from './session-state.ts';
import type { Tokens } from './statements.ts';
import { changingCatalog, makeTable } from './stored-tables.ts';
import { isTemporary, tableSql } from './tables.ts';
import { bindings } from './translations.ts';
import { storageType } from './types.ts';

export interface IntoTarget {
  readonly parts: readonly string[];
  /** The query without `INTO t`. */
  readonly query: readonly Token[];
}

/** The INTO of a query, if it has one. */
export function intoTarget(tokens: readonly Token[]): IntoTarget | undefined {
  const cursor = new Cursor(tokens);
  cursor.skipUntil(() => cursor.atWords('INTO'));
  const start = cursor.position;
  if (!cursor.takeWords('INTO')) return undefined;
  const parts = cursor.multiPartName();
  return { parts, query: [...tokens.slice(0, start), ...tokens.slice(cursor.position)] };
}

/** @throws SqlError 2714 when the table exists, 1038 when a column has no name */
export async function* selectInto(
  interpreter: Interpreter,
  statement: Tokens & { readonly line: number },
  { parts, query: tokens }: IntoTarget,
  frame: Frame,
): AsyncGenerator<SessionEvent, void> {
  const { state } = interpreter;
  const { catalog } = state.server;
  const [schema, name] = [parts.at(-2) || 'dbo', parts.at(-1) ?? ''];
  const taken = isTemporary(name)
    ? state.temporaryTables.has(name.toLowerCase())
    : catalog.find(schema, name) !== undefined;
  if (taken) throw sqlError(2714, statement.line, name);
  const placeholders: Placeholder[] = [];
  const { translation } = interpreter.scope(frame, placeholders);
  const cursor = new Cursor(tokens);
  const query = translateQuery(cursor, emptyScope(translation));
  cursor.expectEnd();
  const columns = query.columns.map((column, index): ColumnDefinition => {
    if (column.name === '') throw sqlError(1038, statement.line);
    return {
      id: index + 1,
      name: column.name,
      type: column.type ?? { name: 'nvarchar', length: 4000 },
      nullable: column.nullable,
    };
  });
  const table: TableDefinition = {
    kind: 'table',
    id: catalog.newId(),
    schema,
    name,
    columns,
    keys: [],
    foreignKeys: [],
    checks: [],
    indexes: [],
  };
  let count = 0;
  await changingCatalog(state, async () => {
    await makeTable(table, state, translation);
    const names = columns.map((_, index) => `c${index}`);
    const values = columns.map((column, index) => `CAST(c${index} AS ${storageType(column.type)})`);
    const sql = `INSERT INTO ${tableSql(table)} (${columns.map(column => quoteName(column.name)).join(', ')}) SELECT ${values.join(', ')} FROM (${query.sql}) AS q(${names.join(', ')})`;
    count = (await state.executor.materialize(sql, bindings(state, frame, placeholders))).changed;
  });
  state.rowCount = count;
  yield { kind: 'done', command: 'insert', ...(state.noCount ? {} : { rowCount: count }) };
}
