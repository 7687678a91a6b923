/** ALTER TABLE, by building the table anew: DuckDB refuses to alter a table that has an index. */
import { assign } from './assignments.ts';
import { columnOf, sameName, type TableDefinition } from './catalog.ts';
import { Cursor } from './cursor.ts';
import { sqlError, unsupported } from './errors.ts';
import { translateExpression } from './expressions.ts';
import { fragment } from './fragment.ts';
import { tokenize } from './lexer.ts';
import { quoteName } from './quoting.ts';
import { emptyScope } from './scope.ts';
import { type DefinitionContext, keepTable } from './stored-tables.ts';
import { createStatements, extendTable, indexStatements, sequenceStatements, tableSql } from './tables.ts';
import { parseType } from './types.ts';
import { nextIdentity } from './writes.ts';

/** Reads and runs what follows ALTER TABLE. */
export async function changeTable(cursor: Cursor, context: DefinitionContext): Promise<void> {
  const { line } = cursor;
  const parts = cursor.multiPartName();
  const { table } = context.translation.relation(parts, line);
  if (!table) throw sqlError(4902, line, parts.join('.'));
  if (cursor.takeWords('WITH', 'CHECK') || cursor.takeWords('WITH', 'NOCHECK')) {
    // Existing rows are always checked here: they are copied.
  }
  const { catalog } = context.state.server;
  if (cursor.takeWords('ADD')) {
    const rest = new Cursor(cursor.tokens, cursor.position, cursor.limit);
    return rebuildTable(table, extendTable(table, rest, { catalog, translation: context.translation }), context);
  }
  if (cursor.takeWords('DROP')) return rebuildTable(table, withoutParts(table, cursor), context);
  if (cursor.takeWords('ALTER', 'COLUMN')) return rebuildTable(table, withColumn(table, cursor), context);
  if (cursor.atWords('SET') || cursor.atWords('CHECK') || cursor.atWords('NOCHECK') || cursor.atWords('REBUILD'))
    return;
  throw unsupported(`ALTER TABLE … ${cursor.peek().text}`, line);
}

function withoutParts(table: TableDefinition, cursor: Cursor): TableDefinition {
  const { line } = cursor;
  let column = false;
  let changed = table;
  cursor.list(() => {
    if (cursor.takeWords('COLUMN')) column = true;
    else if (cursor.takeWords('CONSTRAINT')) column = false;
    cursor.takeWords('IF', 'EXISTS');
    const name = cursor.name();
    const other = <T extends { readonly name: string }>(items: readonly T[]) =>
      items.filter(item => !sameName(item.name, name));
    if (column) {
      if (!columnOf(changed, name)) throw sqlError(4924, line, name, table.name);
      changed = { ...changed, columns: other(changed.columns) };
    } else {
      const columns = changed.columns.map(each => {
        const { default: value, ...plain } = each;
        return value && sameName(value.name, name) ? plain : each;
      });
      const { keys, checks, foreignKeys } = changed;
      changed = { ...changed, columns, keys: other(keys), checks: other(checks), foreignKeys: other(foreignKeys) };
    }
  });
  return changed;
}

function withColumn(table: TableDefinition, cursor: Cursor): TableDefinition {
  const { line } = cursor;
  const name = cursor.name();
  const found = columnOf(table, name);
  if (!found) throw sqlError(4924, line, name, table.name);
  const type = parseType(cursor);
  const nullable = !cursor.takeWords('NOT', 'NULL');
  const columns = table.columns.map(column => (column === found ? { ...column, type, nullable } : column));
  return { ...table, columns };
}

/** Puts `next` in the place of `table`, rows and all. */
async function rebuildTable(table: TableDefinition, next: TableDefinition, context: DefinitionContext): Promise<void> {
  const { executor } = context.state;
  const building = `${table.name}~new`;
  const hadIdentity = table.columns.some(column => column.identity);
  if (!hadIdentity) for (const statement of sequenceStatements(next)) await executor.run(statement);
  for (const statement of createStatements(next, context.translation, building)) await executor.run(statement);
  const columns = next.columns.map(column => quoteName(column.name)).join(', ');
  const values = next.columns.map(column => {
    const before = table.columns.find(each => each.id === column.id);
    if (before) return assign(fragment(quoteName(before.name), before.type), column, next);
    if (column.identity) return nextIdentity(next);
    // Existing rows get the default only where they could not stay NULL, as on the service.
    if (!column.default || column.nullable) return 'NULL';
    const expression = new Cursor(tokenize(column.default.expression));
    return assign(translateExpression(expression, emptyScope(context.translation)), column, next);
  });
  await context.run(
    `INSERT INTO ${tableSql({ ...table, name: building })} (${columns}) SELECT ${values.join(', ')} FROM ${tableSql(table)}`,
  );
  await executor.run(`DROP TABLE ${tableSql(table)}`);
  await executor.run(`ALTER TABLE ${tableSql({ ...table, name: building })} RENAME TO ${quoteName(table.name)}`);
  for (const statement of indexStatements(next)) await executor.run(statement);
  await keepTable(next, context.state);
}
