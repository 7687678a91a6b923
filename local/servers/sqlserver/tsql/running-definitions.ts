/** Runs CREATE, ALTER and DROP: the declaration and DuckDB's own object change together, in one transaction. */

import type { SqlColumn } from '../session.ts';
import { columnOf, type Definition, sameName } from './catalog.ts';
import type { Cursor } from './cursor.ts';
import { sqlError, unsupported } from './errors.ts';
import { translateQuery } from './queries.ts';
import { quoteName } from './quoting.ts';
import { emptyScope } from './scope.ts';
import { removeDefinition, saveDefinition } from './store.ts';
import { changingCatalog, type DefinitionContext, keepTable, makeTable } from './stored-tables.ts';
import { changeTable } from './table-changes.ts';
import { declareTable, indexStatements, isTemporary, tableSql } from './tables.ts';
import { identitySequence } from './writes.ts';

/** @throws SqlError, or what DuckDB threw */
export async function runDefinition(cursor: Cursor, context: DefinitionContext): Promise<void> {
  await changingCatalog(context.state, () => define(cursor, context));
}

/** CREATE [OR ALTER] and ALTER of a view or procedure, whose text is kept. */
export async function runModule(cursor: Cursor, text: string, context: DefinitionContext): Promise<void> {
  await changingCatalog(context.state, () => defineModule(cursor, text, context));
}

async function define(cursor: Cursor, context: DefinitionContext): Promise<void> {
  const { line } = cursor;
  if (cursor.takeWords('CREATE', 'TABLE')) return createTable(cursor, context);
  if (cursor.takeWords('CREATE', 'SCHEMA')) return createSchema(cursor, context);
  if (cursor.takeWords('ALTER', 'TABLE')) return changeTable(cursor, context);
  if (cursor.takeWords('ALTER', 'DATABASE')) return undefined;
  if (cursor.takeWords('DROP')) return drop(cursor, context);
  if (cursor.takeWords('CREATE')) {
    const unique = cursor.takeWords('UNIQUE');
    if (!cursor.takeWords('CLUSTERED')) cursor.takeWords('NONCLUSTERED');
    if (cursor.takeWords('INDEX')) return createIndex(cursor, context, unique);
  }
  throw unsupported(
    cursor.tokens
      .slice(0, 3)
      .map(token => token.text)
      .join(' '),
    line,
  );
}

/** Schema and name of what is being made or dropped. */
export function objectName(cursor: Cursor): { schema: string; name: string } {
  const parts = cursor.multiPartName();
  return { schema: parts.at(-2) || 'dbo', name: parts.at(-1) ?? '' };
}

async function createTable(cursor: Cursor, { state, translation }: DefinitionContext): Promise<void> {
  const { line } = cursor;
  const { schema, name } = objectName(cursor);
  const { catalog } = state.server;
  const taken = isTemporary(name)
    ? state.temporaryTables.has(name.toLowerCase())
    : catalog.find(schema, name) !== undefined;
  if (taken) throw sqlError(2714, line, name);
  await makeTable(declareTable(cursor.parenthesized(), schema, name, { catalog, translation }), state, translation);
}

async function createSchema(cursor: Cursor, { state }: DefinitionContext): Promise<void> {
  const name = cursor.name();
  const { executor } = state;
  const { rows } = await executor.rows('SELECT 1 FROM tsql.schemas WHERE lower(name) = lower($1)', [name]);
  if (rows.length > 0) throw sqlError(2714, cursor.line, name);
  await executor.run(`CREATE SCHEMA ${quoteName(name)}`);
  await executor.rows('INSERT INTO tsql.schemas SELECT max(id) + 1, $1 FROM tsql.schemas', [name]);
}

async function createIndex(cursor: Cursor, context: DefinitionContext, unique: boolean): Promise<void> {
  const name = cursor.name();
  cursor.expectWords('ON');
  const { line } = cursor;
  const parts = cursor.multiPartName();
  const { table } = context.translation.relation(parts, line);
  if (!table) throw sqlError(1088, line, parts.join('.'));
  const inside = cursor.parenthesized();
  const columns = inside.list(() => {
    const column = inside.name();
    if (!columnOf(table, column)) throw sqlError(1911, line, column);
    const descending = inside.takeWords('DESC');
    if (!descending) inside.takeWords('ASC');
    return { name: column, descending };
  });
  if (table.indexes.some(index => sameName(index.name, name))) throw sqlError(1913, line, name, parts.join('.'));
  const index = { name, unique, columns };
  const changed = { ...table, indexes: [...table.indexes, index] };
  if (unique)
    for (const statement of indexStatements({ ...table, keys: [], indexes: [index] }))
      await context.state.executor.run(statement);
  await keepTable(changed, context.state);
}

const dropped: Readonly<Record<string, Definition['kind']>> = {
  TABLE: 'table',
  VIEW: 'view',
  PROCEDURE: 'procedure',
  PROC: 'procedure',
};

async function drop(cursor: Cursor, context: DefinitionContext): Promise<void> {
  const { state } = context;
  const what = cursor.next();
  const kind = dropped[what.value];
  const lenient = cursor.takeWords('IF', 'EXISTS');
  if (what.value === 'INDEX') return dropIndex(cursor, context, lenient);
  if (what.value === 'SCHEMA') return dropSchema(cursor, context, lenient);
  if (!kind) throw unsupported(`DROP ${what.text}`, what.line);
  const names = cursor.list(() => objectName(cursor));
  for (const { schema, name } of names) {
    const found = isTemporary(name)
      ? state.temporaryTables.get(name.toLowerCase())
      : state.server.catalog.find(schema, name);
    if (!found || found.kind !== kind) {
      if (lenient) continue;
      throw sqlError(3701, what.line, kind, name);
    }
    await dropObject(found, context, what.line);
  }
}

async function dropObject(found: Definition, { state }: DefinitionContext, line: number): Promise<void> {
  const { executor, server } = state;
  if (found.kind === 'table') {
    const referenced = server.catalog
      .tables()
      .some(each => each.id !== found.id && each.foreignKeys.some(key => key.referencedTableId === found.id));
    if (referenced) throw sqlError(3726, line, `${found.schema}.${found.name}`);
    await executor.run(`DROP TABLE ${tableSql(found)}`);
    if (found.columns.some(column => column.identity)) await executor.run(`DROP SEQUENCE ${identitySequence(found)}`);
  } else if (found.kind === 'view') await executor.run(`DROP VIEW ${tableSql(found)}`);
  if (isTemporary(found.name)) {
    state.temporaryTables.delete(found.name.toLowerCase());
    state.temporaryGeneration += 1;
  } else await removeDefinition(executor, found.id);
}

async function dropIndex(cursor: Cursor, context: DefinitionContext, lenient: boolean): Promise<void> {
  const { line } = cursor;
  const name = cursor.name();
  cursor.expectWords('ON');
  const { table } = context.translation.relation(cursor.multiPartName(), line);
  const index = table?.indexes.find(each => sameName(each.name, name));
  if (!table || !index) {
    if (lenient) return;
    throw sqlError(3701, line, 'index', name);
  }
  if (index.unique)
    await context.state.executor.run(
      `DROP INDEX ${quoteName(table.schema)}.${quoteName(`${table.name}.${index.name}`)}`,
    );
  await keepTable({ ...table, indexes: table.indexes.filter(each => each !== index) }, context.state);
}

async function dropSchema(cursor: Cursor, { state }: DefinitionContext, lenient: boolean): Promise<void> {
  const name = cursor.name();
  await state.executor.run(`DROP SCHEMA ${lenient ? 'IF EXISTS ' : ''}${quoteName(name)}`);
  await state.executor.rows('DELETE FROM tsql.schemas WHERE lower(name) = lower($1)', [name]);
}

async function defineModule(cursor: Cursor, text: string, context: DefinitionContext): Promise<void> {
  const { state, translation } = context;
  const create = cursor.takeWords('CREATE');
  const replace = create ? cursor.takeWords('OR', 'ALTER') : cursor.takeWords('ALTER');
  const what = cursor.next();
  const kind = what.value === 'VIEW' ? 'view' : what.value.startsWith('PROC') ? 'procedure' : undefined;
  if (!kind) throw unsupported(`CREATE ${what.text}`, what.line);
  const { schema, name } = objectName(cursor);
  const found = state.server.catalog.find(schema, name);
  if (found && (!replace || found.kind !== kind)) throw sqlError(2714, what.line, name);
  if (!found && !create) throw sqlError(208, what.line, `${schema}.${name}`);
  const id = found?.id ?? state.server.catalog.newId();
  if (kind === 'procedure') return saveDefinition(state.executor, { kind, id, schema, name, text });
  cursor.skipUntil(() => cursor.atWords('AS'));
  cursor.expectWords('AS');
  const query = translateQuery(cursor, emptyScope(translation));
  cursor.expectEnd();
  await state.executor.run(`CREATE OR REPLACE VIEW ${tableSql({ schema, name })} AS ${query.sql}`);
  const columns: SqlColumn[] = query.columns.map(column => ({
    ...column,
    type: column.type ?? { name: 'nvarchar', length: -1 },
  }));
  await saveDefinition(state.executor, { kind, id, schema, name, columns, text });
}
