/** DuckDB's errors as SQL Server would have told them: same number, same wording, the constraint called by its name. */
import type { TableDefinition } from './catalog.ts';
import { sameName } from './catalog.ts';
import { SqlError, sqlError } from './errors.ts';

/** Where an error happened, as far as the message needs to say. */
export interface ErrorPlace {
  readonly database: string;
  readonly line?: number | undefined;
  readonly table?: TableDefinition | undefined;
  readonly command?: 'insert' | 'update' | 'delete' | 'merge' | undefined;
}

/** DuckDB found that another session changed the same rows. SQL Server would have waited; a single statement may try again. */
export function isConflict(error: unknown): boolean {
  const text = messageOf(error);
  return /TransactionContext Error: .*[Cc]onflict|write-write conflict|Conflict on (update|tuple deletion)/.test(text);
}

export function isInterrupt(error: unknown): boolean {
  return /^INTERRUPT Error/.test(messageOf(error));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

type Rule = readonly [RegExp, (match: RegExpExecArray, place: ErrorPlace) => SqlError];

const integerNames: Readonly<Record<string, string>> = {
  UINT8: 'tinyint',
  INT16: 'smallint',
  INT32: 'int',
  INT64: 'bigint',
  INT128: 'bigint',
  BOOL: 'bit',
};

/** Between the values of an error that our own macros raise. */
const unitSeparator = String.fromCharCode(31);

const rules: readonly Rule[] = [
  // Raised by our own expressions and macros: `tsql <number>` and its values, separated by unit separators.
  [
    /tsql (\d+)([^\n]*)/,
    ([, number, values = ''], { line, database }) => {
      const [first = '', ...others] = values.split(unitSeparator).slice(1);
      return Number(number) === 2628
        ? sqlError(2628, line, `${database}.${first}`, ...others)
        : sqlError(Number(number), line, first, ...others);
    },
  ],
  [
    /NOT NULL constraint failed: (.+)\.([^.]+)$/m,
    ([, table = '', column = ''], place) =>
      sqlError(515, place.line, column, tableName(place) || table, (place.command ?? 'insert').toUpperCase()),
  ],
  [/[Dd]uplicate key "?(.*?)"? violates (primary key|unique) constraint/, duplicateKey],
  [/PRIMARY KEY or UNIQUE constraint violat\w+: duplicate key "(.*?)"/, duplicateKey],
  [
    /CHECK constraint failed on table .*'constraint:([^']*)' IS NULL/s,
    ([, name = ''], place) => constraintError(place, 'CHECK', name),
  ],
  [/More than one row returned by a subquery/, (_, { line }) => sqlError(512, line)],
  [
    /Could not convert string '(.*?)' to (U?INT\d+|BOOL)/s,
    ([, value = '', type = ''], { line }) =>
      type === 'INT64'
        ? sqlError(8114, line, 'nvarchar', 'bigint')
        : sqlError(245, line, 'nvarchar', value, integerNames[type] ?? type),
  ],
  [
    /Could not convert string ".*?" to DECIMAL|Could not convert string '.*?' to (DOUBLE|FLOAT)/s,
    ([, type], { line }) => sqlError(8114, line, 'nvarchar', type ? 'float' : 'numeric'),
  ],
  [/[Cc]ould not convert string '.*?' to (?:INT128|UUID)|INT128.*UUID|to UUID/s, (_, { line }) => sqlError(8169, line)],
  [
    /date field value out of range|timestamp field value out of range|invalid (date|timestamp|time) (field|format|string)|to (DATE|TIMESTAMP\w*|TIME)\b|Could not parse string .* (format|specifier)|time field value/i,
    (_, { line }) => sqlError(241, line),
  ],
  [
    /with value (-?\d+) can't be cast because the value is out of range for the destination type (UINT8|INT16)/,
    ([, value = '', type = ''], { line }) => sqlError(220, line, integerNames[type] ?? type, value),
  ],
  [
    /out of range for the destination type (\w+)|Overflow in \w+ of (\w+)|(DECIMAL\(\d+,\d+\))|Overflow/,
    ([, to, of, decimal], { line }) =>
      sqlError(8115, line, decimal ? 'numeric' : (integerNames[to ?? of ?? ''] ?? 'numeric').toLowerCase()),
  ],
  [
    /Binder Error: column "?(.*?)"? must appear in the GROUP BY/,
    ([, column = ''], { line }) => sqlError(8120, line, column),
  ],
  [/Out of Memory Error/, (_, { line }) => sqlError(701, line)],
  [/Parser Error: syntax error at or near "(.*?)"/, ([, near = ''], { line }) => sqlError(102, line, near)],
  [/Table with name (.*?) does not exist/, ([, name = ''], { line }) => sqlError(208, line, name)],
];

/** @param error what DuckDB threw */
export function translateError(error: unknown, place: ErrorPlace): SqlError {
  if (error instanceof SqlError) return error;
  const text = messageOf(error);
  if (isConflict(error)) return sqlError(3960, place.line, tableName(place), place.database);
  for (const [pattern, make] of rules) {
    const match = pattern.exec(text);
    if (match) return make(match, place);
  }
  return new SqlError({
    number: 8180,
    message: `Statement(s) could not be prepared. DuckDB: ${text}`,
    line: place.line,
  });
}

function tableName({ database, table }: ErrorPlace): string {
  return table ? `${database}.${table.schema}.${table.name}` : '';
}

function duplicateKey([, key = '']: RegExpExecArray, place: ErrorPlace): SqlError {
  const { table, line } = place;
  // `a: 1, b: 2` names columns and values; a case-insensitive key shows as lower(a).
  const pairs = key.split(', ').map(pair => pair.split(': '));
  const columns = pairs.map(([name = '']) => name.replace(/^lower\((.*)\)$/, '$1').replaceAll('"', ''));
  const values = pairs.map(([, ...value]) => value.join(': ')).join(', ');
  const same = (names: readonly string[]) =>
    names.length === columns.length && names.every((name, at) => sameName(name, columns[at] ?? ''));
  const object = table ? `${table.schema}.${table.name}` : '';
  const constraint = table?.keys.find(each => same(each.columns));
  const index = table?.indexes.find(each => each.unique && same(each.columns.map(column => column.name)));
  if (!constraint && index) return sqlError(2601, line, object, index.name, values);
  const kind = constraint?.kind === 'unique' ? 'UNIQUE KEY' : 'PRIMARY KEY';
  return sqlError(2627, line, kind, constraint?.name ?? columns.join('_'), object, values);
}

/** 547 for a check or a foreign key, told the way SQL Server tells it. */
export function constraintError(
  place: ErrorPlace,
  kind: 'CHECK' | 'FOREIGN KEY' | 'REFERENCE',
  name: string,
  other?: { table: TableDefinition; column: string },
): SqlError {
  const { table, command = 'insert', database, line } = place;
  const check = table?.checks.find(each => sameName(each.name, name));
  const where = other?.table ?? table;
  const column = other?.column ?? check?.column;
  return sqlError(
    547,
    line,
    command.toUpperCase(),
    kind,
    name,
    database,
    where ? `${where.schema}.${where.name}` : '',
    column ? `, column '${column}'` : '',
  );
}
