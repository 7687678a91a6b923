/** INSERT, UPDATE and DELETE. Defaults and identities are written out here, for DuckDB's own know no clock of ours. */
import { assign } from './assignments.ts';
import { type ColumnDefinition, columnOf, sameName, sqlColumns, type TableDefinition } from './catalog.ts';
import { Cursor } from './cursor.ts';
import { sqlError, unsupported } from './errors.ts';
import { startsQuery, translateExpression } from './expressions.ts';
import { type Fragment, fragment } from './fragment.ts';
import { tokenize } from './lexer.ts';
import { arithmetic } from './operators.ts';
import { columnNames, exact, selectItems, translateCommonTables, translateQuery, translateTop } from './queries.ts';
import { quoteName, quoteText } from './quoting.ts';
import type { OutputColumn, Relation, Scope } from './scope.ts';
import { readAlias, readHints, translateSources } from './sources.ts';
import { storageType } from './types.ts';

export interface Write {
  readonly command: 'insert' | 'update' | 'delete' | 'merge';
  /** Without RETURNING, which the runner adds for what it needs to see. */
  readonly sql: string;
  readonly table: TableDefinition;
  /** What OUTPUT asked for, as a RETURNING list, and the columns it gives. */
  readonly output: { readonly sql: readonly string[]; readonly columns: readonly OutputColumn[] } | undefined;
  /** Columns that got a value; all of them for DELETE. */
  readonly columns: readonly string[];
  /** Whether identity values were drawn. */
  readonly drawsIdentity: boolean;
}

/** What the session decides about an INSERT. */
export interface InsertOptions {
  /** Whether IDENTITY_INSERT is ON for this table. */
  identityInsert(table: TableDefinition): boolean;
}

/** The next value of a table's identity, as an expression. */
export function nextIdentity(table: TableDefinition): string {
  return `nextval(${quoteText(identitySequence(table))})`;
}

/** The sequence behind an identity column. */
export function identitySequence(table: TableDefinition): string {
  return table.name.startsWith('#') || table.name.startsWith('@')
    ? `temp.main.identity_${table.id}`
    : `tsql.identity_${table.id}`;
}

export function translateInsert(cursor: Cursor, outer: Scope, options: InsertOptions): Write {
  const { sql: prefix, scope } = translateCommonTables(cursor, outer);
  cursor.expectWords('INSERT');
  cursor.takeWords('INTO');
  const relation = target(cursor, scope);
  const table = relation.table ?? notWritable(relation, cursor);
  const names = cursor.atSymbol('(') && !startsQuery(cursor) ? columnNames(cursor.parenthesized()) : undefined;
  const listed = names?.map(name => columnOf(table, name) ?? unknownColumn(name, cursor));
  const output = translateOutput(cursor, scope, table, 'INSERTED');
  const explicit = listed?.some(column => column.identity) ?? false;
  if (explicit && !options.identityInsert(table)) throw sqlError(544, cursor.line, table.name);
  const none = cursor.atWords('DEFAULT', 'VALUES');
  const given = none
    ? []
    : (listed ?? table.columns.filter(column => !column.identity && column.type.name !== 'rowversion'));
  const filled = table.columns.filter(column => !given.includes(column) && filler(column, table, scope) !== undefined);
  const fillers = filled.map(column => filler(column, table, scope) ?? 'NULL');
  const rows = insertedRows(cursor, scope, table, given, fillers);
  cursor.expectEnd();
  const columns = [...given, ...filled].map(column => column.name);
  const list = columns.length === 0 ? '' : ` (${columns.map(quoteName).join(', ')})`;
  return {
    command: 'insert',
    sql: `${prefix}INSERT INTO ${relation.sql}${list} ${rows}`,
    table,
    output,
    columns,
    drawsIdentity: filled.some(column => column.identity),
  };
}

/** What a column that an INSERT leaves out gets; undefined leaves it NULL. */
export function filler(column: ColumnDefinition, table: TableDefinition, scope: Scope): string | undefined {
  if (column.identity) return `CAST(${nextIdentity(table)} AS ${storageType(column.type)})`;
  if (column.type.name === 'rowversion') return 'tsql.next_rowversion()';
  if (!column.default) return undefined;
  return assign(translateDefault(column.default.expression, scope), column, table);
}

function translateDefault(expression: string, scope: Scope): Fragment {
  return translateExpression(new Cursor(tokenize(expression)), { ...scope, sources: [] });
}

function insertedRows(
  cursor: Cursor,
  scope: Scope,
  table: TableDefinition,
  given: readonly ColumnDefinition[],
  fillers: readonly string[],
): string {
  if (cursor.takeWords('DEFAULT', 'VALUES'))
    return fillers.length === 0 ? 'DEFAULT VALUES' : `VALUES (${fillers.join(', ')})`;
  if (cursor.takeWords('VALUES')) {
    const rows = cursor.list(() => {
      const inside = cursor.parenthesized();
      const values = inside.list(() => (inside.takeWords('DEFAULT') ? undefined : translateExpression(inside, scope)));
      inside.expectEnd();
      if (values.length < given.length) throw sqlError(109, cursor.line);
      if (values.length > given.length) throw sqlError(110, cursor.line);
      const assigned = given.map((column, index) => {
        const value = values[index];
        return value ? assign(value, column, table) : (filler(column, table, scope) ?? 'NULL');
      });
      return `(${[...assigned, ...fillers].join(', ')})`;
    });
    return `VALUES ${rows.join(', ')}`;
  }
  const query = translateQuery(cursor, scope);
  if (query.columns.length < given.length) throw sqlError(120, cursor.line);
  if (query.columns.length > given.length) throw sqlError(121, cursor.line);
  const names = given.map((_, index) => `c${index}`);
  const assigned = given.map((column, index) =>
    assign(fragment(`s.c${index}`, query.columns[index]?.type), column, table),
  );
  return `SELECT ${[...assigned, ...fillers].join(', ')} FROM (${query.sql}) AS s(${names.join(', ')})`;
}

export function translateUpdate(cursor: Cursor, outer: Scope): Write {
  const { sql: prefix, scope } = translateCommonTables(cursor, outer);
  cursor.expectWords('UPDATE');
  const top = translateTop(cursor, scope);
  const written = readTarget(cursor, scope);
  const setAt = cursor.position;
  cursor.expectWords('SET');
  cursor.skipUntil(
    () => cursor.atWords('OUTPUT') || cursor.atWords('FROM') || cursor.atWords('WHERE') || cursor.atWords('OPTION'),
  );
  const outputAt = cursor.position;
  if (cursor.atWords('OUTPUT')) cursor.skipUntil(() => cursor.atWords('FROM') || cursor.atWords('WHERE'));
  const from = cursor.takeWords('FROM') ? translateSources(cursor, scope) : undefined;
  const { relation, table, inside } = bindTarget(written, from?.scope, scope, cursor);
  const where = cursor.takeWords('WHERE') ? translateExpression(cursor, inside).sql : undefined;
  if (cursor.takeWords('OPTION')) cursor.parenthesized();
  cursor.expectEnd();
  const set = new Cursor(cursor.tokens, setAt + 1, outputAt);
  const assignments = set.list(() => translateAssignment(set, inside, table));
  set.expectEnd();
  const version = table.columns.filter(column => column.type.name === 'rowversion');
  const changed = [...assignments, ...version.map(column => ({ column, sql: 'tsql.next_rowversion()' }))];
  const output = translateOutput(new Cursor(cursor.tokens, outputAt), scope, table, 'INSERTED');
  const alias = quoteName(written.name);
  const columns = changed.map(({ column }) => column.name);
  if (!from && top === '') {
    const list = changed.map(({ column, sql }) => `${quoteName(column.name)} = ${sql}`).join(', ');
    const sql = `${prefix}UPDATE ${relation.sql} AS ${alias} SET ${list}${where ? ` WHERE ${where}` : ''}`;
    return { command: 'update', sql, table, output, columns, drawsIdentity: false };
  }
  // Joins and TOP: first find rows and their new values, then write them by row id.
  const values = changed.map(({ sql }, index) => `${sql} AS v${index}`);
  const source = from?.sql ?? `${relation.sql} AS ${alias}`;
  const found = `SELECT ${[`${alias}.rowid AS rid`, ...values].join(', ')} FROM ${source}${where ? ` WHERE ${where}` : ''}${top}`;
  const list = changed.map(({ column }, index) => `${quoteName(column.name)} = found.v${index}`).join(', ');
  const sql = `${prefix}UPDATE ${relation.sql} AS target SET ${list} FROM (${found}) AS found WHERE target.rowid = found.rid`;
  return { command: 'update', sql, table, output, columns, drawsIdentity: false };
}

/** `column = value`, `alias.column = value`, `column += value` */
export function translateAssignment(
  cursor: Cursor,
  scope: Scope,
  table: TableDefinition,
): { column: ColumnDefinition; sql: string } {
  const line = cursor.line;
  if (cursor.peek().kind === 'variable') throw unsupported('Assigning a variable in UPDATE', line);
  const name = cursor.multiPartName().at(-1) ?? '';
  const column = columnOf(table, name) ?? unknownColumn(name, cursor);
  const operator = cursor.next().value;
  if (operator !== '=' && !/^[-+*/%&|^]=$/.test(operator)) throw sqlError(102, line, operator);
  if (cursor.takeWords('DEFAULT')) return { column, sql: filler(column, table, scope) ?? 'NULL' };
  const value = translateExpression(cursor, scope);
  if (operator === '=') return { column, sql: assign(value, column, table) };
  const current = fragment(quoteName(column.name), column.type);
  return { column, sql: assign(arithmetic(operator.charAt(0), current, value), column, table) };
}

export function translateDelete(cursor: Cursor, outer: Scope): Write {
  const { sql: prefix, scope } = translateCommonTables(cursor, outer);
  cursor.expectWords('DELETE');
  const top = translateTop(cursor, scope);
  cursor.takeWords('FROM');
  const written = readTarget(cursor, scope);
  const outputAt = cursor.position;
  if (cursor.atWords('OUTPUT')) cursor.skipUntil(() => cursor.atWords('FROM') || cursor.atWords('WHERE'));
  const from = cursor.takeWords('FROM') ? translateSources(cursor, scope) : undefined;
  const { relation, table, inside } = bindTarget(written, from?.scope, scope, cursor);
  const condition = cursor.takeWords('WHERE') ? ` WHERE ${translateExpression(cursor, inside).sql}` : '';
  if (cursor.takeWords('OPTION')) cursor.parenthesized();
  cursor.expectEnd();
  const output = translateOutput(new Cursor(cursor.tokens, outputAt), scope, table, 'DELETED');
  const alias = quoteName(written.name);
  const source = from?.sql ?? `${relation.sql} AS ${alias}`;
  const simple = !from && top === '';
  const filter = simple ? condition : ` WHERE rowid IN (SELECT ${alias}.rowid FROM ${source}${condition}${top})`;
  const sql = `${prefix}DELETE FROM ${relation.sql}${simple ? ` AS ${alias}` : ''}${filter}`;
  return {
    command: 'delete',
    sql,
    table,
    output,
    columns: table.columns.map(column => column.name),
    drawsIdentity: false,
  };
}

interface WrittenTarget {
  readonly parts: readonly string[];
  /** Alias, or the last part. */
  readonly name: string;
}

function readTarget(cursor: Cursor, _scope: Scope): WrittenTarget {
  const parts = cursor.peek().kind === 'variable' ? [cursor.next().value] : cursor.multiPartName();
  const name = readAlias(cursor) ?? parts.at(-1) ?? '';
  readHints(cursor);
  return { parts, name };
}

function target(cursor: Cursor, scope: Scope): Relation {
  const line = cursor.line;
  const { parts } = readTarget(cursor, scope);
  return scope.translation.relation(parts, line);
}

/** The table that UPDATE or DELETE names: an alias of FROM, or a table itself. */
function bindTarget(
  written: WrittenTarget,
  sources: Scope | undefined,
  scope: Scope,
  cursor: Cursor,
): { relation: Relation; table: TableDefinition; inside: Scope } {
  const aliased = sources?.sources.find(source => sameName(source.name, written.name))?.relation;
  const relation = aliased ?? scope.translation.relation(written.parts, cursor.line);
  const table = relation.table ?? notWritable(relation, cursor);
  const inside = sources ?? { ...scope, sources: [{ name: written.name, columns: relation.columns }] };
  return { relation, table, inside };
}

/** `OUTPUT INSERTED.a, DELETED.b AS c`. Only the rows that DuckDB's RETURNING can show are on offer. */
function translateOutput(
  cursor: Cursor,
  scope: Scope,
  table: TableDefinition,
  rows: 'INSERTED' | 'DELETED',
): Write['output'] {
  if (!cursor.takeWords('OUTPUT')) return undefined;
  const inside: Scope = { ...scope, sources: [{ name: rows, qualifier: '', columns: sqlColumns(table) }] };
  const items = selectItems(cursor, inside);
  if (cursor.atWords('INTO')) throw unsupported('OUTPUT … INTO', cursor.line);
  const columns = items.map(({ name, type, column }) => ({ name, type, nullable: column?.nullable ?? true }));
  return { sql: items.map(exact), columns };
}

function unknownColumn(name: string, cursor: Cursor): never {
  throw sqlError(207, cursor.line, name);
}

function notWritable(relation: Relation, cursor: Cursor): never {
  throw sqlError(4406, cursor.line, relation.name);
}
