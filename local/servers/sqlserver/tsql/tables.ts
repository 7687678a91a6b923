/** CREATE TABLE: from its words to a declaration, and from a declaration to DuckDB's own table. */
import type { SqlType } from '../session.ts';
import type {
  Catalog,
  CheckDefinition,
  ColumnDefinition,
  ForeignKeyDefinition,
  KeyDefinition,
  TableDefinition,
} from './catalog.ts';
import { columnOf, sameName, sqlColumns } from './catalog.ts';
import { Cursor } from './cursor.ts';
import { sqlError, unsupported } from './errors.ts';
import { translateExpression } from './expressions.ts';
import { tokenize } from './lexer.ts';
import { columnNames } from './queries.ts';
import { quoteName, quoteQualified, quoteText } from './quoting.ts';
import type { Scope, Translation } from './scope.ts';
import { isString, parseType, storageType } from './types.ts';
import { identitySequence } from './writes.ts';

/** Where a table being declared finds ids and the tables that it refers to. */
export interface DeclarationContext {
  readonly catalog: Catalog;
  /** The text of tokens, for expressions that are stored as they were written. */
  readonly translation: Translation;
}

interface Parts {
  readonly columns: ColumnDefinition[];
  readonly keys: KeyDefinition[];
  readonly foreignKeys: ForeignKeyDefinition[];
  readonly checks: CheckDefinition[];
  readonly indexes: TableDefinition['indexes'][number][];
}

/** Reads the inside of the parentheses of CREATE TABLE. */
export function declareTable(
  inside: Cursor,
  schema: string,
  name: string,
  context: DeclarationContext,
): TableDefinition {
  const base: TableDefinition = {
    kind: 'table',
    id: context.catalog.newId(),
    schema,
    name,
    columns: [],
    keys: [],
    foreignKeys: [],
    checks: [],
    indexes: [],
  };
  return extendTable(base, inside, context);
}

/** Reads column and constraint definitions onto a table: the whole of CREATE TABLE, or what ALTER TABLE … ADD brings. */
export function extendTable(table: TableDefinition, inside: Cursor, context: DeclarationContext): TableDefinition {
  const parts: Parts = {
    columns: [...table.columns],
    keys: [...table.keys],
    foreignKeys: [...table.foreignKeys],
    checks: [...table.checks],
    indexes: [...table.indexes],
  };
  inside.list(() => {
    if (inside.done) return;
    if (inside.atAny(constraintStarts) && !(inside.atWords('INDEX') && inside.peek(1).kind !== 'word')) {
      readConstraint(inside, table, parts, undefined, context);
    } else {
      readColumn(inside, table, parts, context);
    }
  });
  inside.expectEnd();
  const primary = new Set(
    parts.keys.filter(key => key.kind === 'primary').flatMap(key => key.columns.map(each => each.toLowerCase())),
  );
  const columns = parts.columns.map(column =>
    primary.has(column.name.toLowerCase()) ? { ...column, nullable: false } : column,
  );
  const extended = { ...table, ...parts, columns };
  for (const key of parts.keys) for (const column of key.columns) requireColumn(extended, column, inside.line);
  return extended;
}

const constraintStarts: ReadonlySet<string> = new Set(['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK', 'INDEX']);
const columnWords: ReadonlySet<string> = new Set([
  'CONSTRAINT',
  'PRIMARY',
  'UNIQUE',
  'REFERENCES',
  'FOREIGN',
  'CHECK',
  'DEFAULT',
]);

function readColumn(cursor: Cursor, table: TableDefinition, parts: Parts, context: DeclarationContext): void {
  const line = cursor.line;
  const name = cursor.name();
  if (parts.columns.some(column => sameName(column.name, name))) throw sqlError(2705, line, name, table.name);
  if (cursor.atWords('AS')) throw unsupported('A computed column', line);
  const type: SqlType = parseType(cursor);
  const at = parts.columns.length;
  const id = Math.max(0, ...parts.columns.map(column => column.id)) + 1;
  let column: ColumnDefinition = { id, name, type, nullable: type.name !== 'rowversion' };
  parts.columns.push(column);
  for (;;) {
    if (cursor.takeWords('NOT', 'NULL')) column = { ...column, nullable: false };
    else if (cursor.takeWords('NULL')) column = { ...column, nullable: true };
    else if (cursor.takeWords('IDENTITY')) column = { ...column, nullable: false, identity: readIdentity(cursor) };
    else if (cursor.takeWords('COLLATE')) cursor.name();
    else if (cursor.takeWords('ROWGUIDCOL') || cursor.takeWords('SPARSE')) continue;
    else if (cursor.atAny(columnWords)) {
      parts.columns[at] = column;
      readConstraint(cursor, table, parts, name, context);
      column = parts.columns[at] ?? column;
    } else break;
  }
  parts.columns[at] = column;
}

function readIdentity(cursor: Cursor): { seed: number; increment: number } {
  if (!cursor.atSymbol('(')) return { seed: 1, increment: 1 };
  const inside = cursor.parenthesized();
  const [seed = 1, increment = 1] = inside.list(() => {
    const sign = inside.takeSymbol('-') ? -1 : 1;
    return sign * Number(inside.next().value);
  });
  return { seed, increment };
}

/** @param column the column it is written beside, undefined for a constraint of the table */
function readConstraint(
  cursor: Cursor,
  table: TableDefinition,
  parts: Parts,
  column: string | undefined,
  context: DeclarationContext,
): void {
  const line = cursor.line;
  const id = context.catalog.newId();
  const given = cursor.takeWords('CONSTRAINT') ? cursor.name() : undefined;
  const named = (prefix: string) =>
    given ?? `${prefix}__${table.name.slice(0, 9)}__${id.toString(16).toUpperCase().padStart(8, '0')}`;
  if (cursor.takeWords('PRIMARY', 'KEY') || cursor.takeWords('UNIQUE')) {
    const kind = cursor.peek(-1).value === 'KEY' ? 'primary' : 'unique';
    if (!cursor.takeWords('CLUSTERED')) cursor.takeWords('NONCLUSTERED');
    const columns = cursor.atSymbol('(') ? keyColumns(cursor.parenthesized()) : column ? [column] : [];
    skipStorage(cursor);
    parts.keys.push({ id, name: named(kind === 'primary' ? 'PK' : 'UQ'), kind, columns });
  } else if (cursor.takeWords('CHECK')) {
    const inside = cursor.parenthesized();
    parts.checks.push({ id, name: named('CK'), expression: textOf(inside), ...(column ? { column } : {}) });
  } else if (cursor.takeWords('DEFAULT')) {
    readDefault(cursor, table, parts, column, id, named('DF'));
  } else if (cursor.takeWords('INDEX')) {
    const name = cursor.name();
    const columns = keyColumns(cursor.parenthesized());
    parts.indexes.push({ name, unique: false, columns: columns.map(each => ({ name: each, descending: false })) });
  } else {
    const columns = cursor.takeWords('FOREIGN', 'KEY') ? columnNames(cursor.parenthesized()) : column ? [column] : [];
    cursor.expectWords('REFERENCES');
    const [referenced, referencedColumns] = readReference(cursor, table, parts, context, named('FK'));
    for (const each of columns)
      if (!parts.columns.some(known => sameName(known.name, each)))
        throw sqlError(1769, line, named('FK'), each, table.name);
    parts.foreignKeys.push({ id, name: named('FK'), columns, referencedTableId: referenced.id, referencedColumns });
  }
}

function readDefault(
  cursor: Cursor,
  table: TableDefinition,
  parts: Parts,
  column: string | undefined,
  id: number,
  name: string,
): void {
  const start = cursor.position;
  if (cursor.atSymbol('(')) cursor.parenthesized();
  else {
    cursor.takeSymbol('-');
    cursor.next();
    if (cursor.atSymbol('(')) cursor.parenthesized();
  }
  const expression = textOf(new Cursor(cursor.tokens, start, cursor.position));
  const target = column ?? (cursor.takeWords('FOR') ? cursor.name() : '');
  const at = parts.columns.findIndex(each => sameName(each.name, target));
  const found = parts.columns[at];
  if (!found) throw sqlError(1752, cursor.line, target, table.name);
  parts.columns[at] = { ...found, default: { id, name, expression } };
}

function readReference(
  cursor: Cursor,
  table: TableDefinition,
  parts: Parts,
  context: DeclarationContext,
  constraint: string,
): [TableDefinition, readonly string[]] {
  const line = cursor.line;
  const names = cursor.multiPartName();
  const self = sameName(names.at(-1) ?? '', table.name);
  const referenced = self ? { ...table, ...parts } : context.translation.relation(names, line).table;
  if (!referenced) throw sqlError(1767, line, constraint, names.join('.'));
  const primary = referenced.keys.find(key => key.kind === 'primary')?.columns ?? [];
  const columns = cursor.atSymbol('(') ? columnNames(cursor.parenthesized()) : primary;
  for (const column of columns)
    if (!columnOf(referenced, column)) throw sqlError(1770, line, constraint, column, referenced.name);
  while (cursor.takeWords('ON')) {
    cursor.next();
    if (!cursor.takeWords('NO', 'ACTION')) throw unsupported('A foreign key with CASCADE or SET', line);
  }
  cursor.takeWords('NOT', 'FOR', 'REPLICATION');
  return [referenced, columns];
}

/** Names of a key, whose ASC and DESC say nothing here. */
function keyColumns(inside: Cursor): string[] {
  const names = inside.list(() => {
    const name = inside.name();
    if (!inside.takeWords('ASC')) inside.takeWords('DESC');
    return name;
  });
  inside.expectEnd();
  return names;
}

/** `WITH (…)` and `ON filegroup` speak of pages and files, which DuckDB arranges by itself. */
export function skipStorage(cursor: Cursor): void {
  if (cursor.atWords('WITH') && cursor.atSymbol('(', 1)) {
    cursor.next();
    cursor.parenthesized();
  }
  if (cursor.takeWords('ON')) cursor.name();
}

function textOf(cursor: Cursor): string {
  return cursor.tokens
    .slice(cursor.position, cursor.limit)
    .map(token => token.text)
    .join(' ');
}

function requireColumn(table: TableDefinition, column: string, line: number | undefined): void {
  if (!columnOf(table, column)) throw sqlError(1911, line, column);
}

/** Whether a table lives in the session alone: `#name`, or a table variable `@name`. */
export function isTemporary(name: string): boolean {
  return name.startsWith('#') || name.startsWith('@');
}

/** The table as DuckDB is to be told. */
export function tableSql(table: { readonly schema: string; readonly name: string }): string {
  return isTemporary(table.name) ? `temp.main.${quoteName(table.name)}` : quoteQualified(table.schema, table.name);
}

/**
 * The statements that make a declared table. Keys over text become unique indexes over lower(…), since DuckDB's own keys look at
 * bytes; foreign keys are checked by the engine, and other indexes only declared: DuckDB scans faster than it could seek, and
 * would turn each UPDATE of an indexed column into a delete and an insert.
 *
 * @param called the name to make it under, while ALTER TABLE has two of them
 */
export function createStatements(table: TableDefinition, translation: Translation, called = table.name): string[] {
  const columns = table.columns.map(
    column => `${quoteName(column.name)} ${storageType(column.type)}${column.nullable ? '' : ' NOT NULL'}`,
  );
  const scope: Scope = {
    translation,
    sources: [{ name: table.name, qualifier: '', columns: sqlColumns(table) }],
    commonTables: new Map(),
  };
  const checks = table.checks.map(check => {
    const { sql } = translateExpression(new Cursor(tokenize(check.expression)), scope);
    // The name rides along as a condition that is never true: DuckDB shows the expression, and so the name, on violation.
    return `CHECK (${sql} OR ${quoteText(`constraint:${check.name}`)} IS NULL)`;
  });
  const keys = table.keys
    .filter(key => !hasText(table, key.columns))
    .map(key => `${key.kind === 'primary' ? 'PRIMARY KEY' : 'UNIQUE'} (${key.columns.map(quoteName).join(', ')})`);
  const kind = isTemporary(table.name) ? 'TEMP TABLE' : 'TABLE';
  return [`CREATE ${kind} ${tableSql({ ...table, name: called })} (${[...columns, ...checks, ...keys].join(', ')})`];
}

/** The statements for unique indexes, to be run once the table has its name. */
export function indexStatements(table: TableDefinition): string[] {
  const text = table.keys
    .filter(key => hasText(table, key.columns))
    .map(key => uniqueIndex(table, key.name, key.columns));
  const unique = table.indexes
    .filter(index => index.unique)
    .map(index =>
      uniqueIndex(
        table,
        index.name,
        index.columns.map(column => column.name),
      ),
    );
  return [...text, ...unique];
}

function uniqueIndex(table: TableDefinition, name: string, columns: readonly string[]): string {
  const list = columns.map(column => (hasText(table, [column]) ? `lower(${quoteName(column)})` : quoteName(column)));
  return `CREATE UNIQUE INDEX ${quoteName(`${table.name}.${name}`)} ON ${tableSql(table)} (${list.join(', ')})`;
}

function hasText(table: TableDefinition, columns: readonly string[]): boolean {
  return columns.some(column => isString(columnOf(table, column)?.type));
}

/**
 * The sequence of an identity column, if the table has one.
 *
 * @param start the first value, the declared seed unless given
 */
export function sequenceStatements(table: TableDefinition, start?: number): string[] {
  const identity = table.columns.find(column => column.identity)?.identity;
  if (!identity) return [];
  const { seed, increment } = { ...identity, ...(start === undefined ? {} : { seed: start }) };
  const bounds =
    increment < 0 ? ' MINVALUE -9223372036854775808 MAXVALUE 9223372036854775807' : ` MINVALUE ${Math.min(seed, 1)}`;
  const kind = isTemporary(table.name) ? 'TEMP SEQUENCE' : 'SEQUENCE';
  const name = identitySequence(table).replace('temp.main.', '');
  return [`CREATE ${kind} ${name} START ${seed} INCREMENT ${increment}${bounds}`];
}
