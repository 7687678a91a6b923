/** MERGE, which DuckDB has too: clauses are translated one by one. */
import { assign } from './assignments.ts';
import { columnOf, sameName, sqlColumns, type TableDefinition } from './catalog.ts';
import type { Cursor } from './cursor.ts';
import { sqlError } from './errors.ts';
import { translateExpression } from './expressions.ts';
import { nvarchar } from './fragment.ts';
import { columnNames, exact, selectItems, translateCommonTables } from './queries.ts';
import { quoteName } from './quoting.ts';
import type { Scope } from './scope.ts';
import { readAlias, readHints, translateSources } from './sources.ts';
import { filler, translateAssignment, type Write } from './writes.ts';

/** Reads a whole MERGE statement. @throws SqlError as the statements it is made of */
export function translateMerge(cursor: Cursor, outer: Scope): Write {
  const { sql: prefix, scope } = translateCommonTables(cursor, outer);
  cursor.expectWords('MERGE');
  cursor.takeWords('INTO');
  const { line } = cursor;
  const parts = cursor.multiPartName();
  const relation = scope.translation.relation(parts, line);
  const { table } = relation;
  if (!table) throw sqlError(4406, line, parts.join('.'));
  readHints(cursor);
  const alias = readAlias(cursor) ?? relation.name;
  cursor.expectWords('USING');
  const from = translateSources(cursor, scope);
  const target = { name: alias, columns: sqlColumns(table), relation };
  const inside: Scope = { ...scope, sources: [target, ...from.scope.sources] };
  cursor.expectWords('ON');
  const condition = translateExpression(cursor, inside).sql;
  const clauses: Clause[] = [];
  while (cursor.takeWords('WHEN')) clauses.push(translateClause(cursor, inside, table));
  const output = translateOutput(cursor, scope, table);
  cursor.expectEnd();
  const body = clauses.map(clause => clause.sql).join(' ');
  return {
    command: 'merge',
    sql: `${prefix}MERGE INTO ${relation.sql} AS ${quoteName(alias)} USING ${from.sql} ON ${condition} ${body}`,
    table,
    output,
    columns: [...new Set(clauses.flatMap(clause => clause.columns))],
    drawsIdentity: clauses.some(clause => clause.inserts) && table.columns.some(column => column.identity),
  };
}

interface Clause {
  readonly sql: string;
  /** Columns that it writes. */
  readonly columns: readonly string[];
  readonly inserts: boolean;
}

function translateClause(cursor: Cursor, scope: Scope, table: TableDefinition): Clause {
  let when = 'WHEN MATCHED';
  if (cursor.takeWords('NOT', 'MATCHED')) {
    when = cursor.takeWords('BY', 'SOURCE') ? 'WHEN NOT MATCHED BY SOURCE' : 'WHEN NOT MATCHED';
    cursor.takeWords('BY', 'TARGET');
  } else cursor.expectWords('MATCHED');
  const condition = cursor.takeWords('AND') ? ` AND ${translateExpression(cursor, scope).sql}` : '';
  cursor.expectWords('THEN');
  const head = `${when}${condition} THEN`;
  if (cursor.takeWords('DELETE')) {
    return { sql: `${head} DELETE`, columns: table.columns.map(column => column.name), inserts: false };
  }
  if (cursor.takeWords('UPDATE')) {
    cursor.expectWords('SET');
    const assignments = cursor.list(() => translateAssignment(cursor, scope, table));
    const version = table.columns.filter(column => column.type.name === 'rowversion');
    const all = [...assignments, ...version.map(column => ({ column, sql: 'tsql.next_rowversion()' }))];
    const list = all.map(({ column, sql }) => `${quoteName(column.name)} = ${sql}`).join(', ');
    return { sql: `${head} UPDATE SET ${list}`, columns: all.map(({ column }) => column.name), inserts: false };
  }
  cursor.expectWords('INSERT');
  return translateInsertClause(cursor, scope, table, head);
}

function translateInsertClause(cursor: Cursor, scope: Scope, table: TableDefinition, head: string): Clause {
  const { line } = cursor;
  const names = cursor.atSymbol('(')
    ? columnNames(cursor.parenthesized())
    : table.columns.filter(column => !column.identity).map(column => column.name);
  cursor.expectWords('VALUES');
  const inside = cursor.parenthesized();
  const values = inside.list(() => translateExpression(inside, scope));
  if (values.length !== names.length) throw sqlError(values.length < names.length ? 109 : 110, line);
  const given = names.map((name, index) => {
    const column = columnOf(table, name);
    const value = values[index];
    if (!column || !value) throw sqlError(207, line, name);
    return { name: column.name, sql: assign(value, column, table) };
  });
  const filled = table.columns.flatMap(column => {
    const sql = given.some(each => sameName(each.name, column.name)) ? undefined : filler(column, table, scope);
    return sql === undefined ? [] : [{ name: column.name, sql }];
  });
  const all = [...given, ...filled];
  const list = all.map(({ name }) => quoteName(name)).join(', ');
  const sql = `${head} INSERT (${list}) VALUES (${all.map(each => each.sql).join(', ')})`;
  return { sql, columns: all.map(({ name }) => name), inserts: true };
}

/** `OUTPUT $action, INSERTED.a`: DuckDB gives the row as it became, and for a deleted one as it was. */
function translateOutput(cursor: Cursor, scope: Scope, table: TableDefinition): Write['output'] {
  if (!cursor.takeWords('OUTPUT')) return undefined;
  const action = {
    name: '$action',
    qualifier: '',
    columns: [{ name: 'merge_action', type: nvarchar(10), nullable: false }],
  };
  const rows = ['INSERTED', 'DELETED'].map(name => ({ name, qualifier: '', columns: sqlColumns(table) }));
  const items = selectItems(cursor, { ...scope, sources: [...rows, action] });
  const columns = items.map(({ name, type, column }) => ({
    name: name === 'merge_action' ? '$action' : name,
    type,
    nullable: column?.nullable ?? true,
  }));
  return { sql: items.map(exact), columns };
}
