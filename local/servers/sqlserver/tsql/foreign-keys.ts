/**
 * Foreign keys, checked by the engine: DuckDB's own would refuse updates of rows that others refer to. The check comes after
 * the statement and inside its transaction, so a violation undoes it.
 */
import type { SqlValue } from '../session.ts';
import { columnOf, type ForeignKeyDefinition, sameName, type TableDefinition } from './catalog.ts';
import { constraintError } from './duckdb-errors.ts';
import { quoteName } from './quoting.ts';
import type { SessionState } from './session-state.ts';
import { tableSql } from './tables.ts';
import { storageType } from './types.ts';
import type { Write } from './writes.ts';

/** One thing to verify once the statement has run, from the values that it returned. */
export interface ReferenceCheck {
  readonly key: ForeignKeyDefinition;
  readonly child: TableDefinition;
  readonly parent: TableDefinition;
  /** `child`: rows with new references were written; `parent`: rows that others may refer to were removed or renamed. */
  readonly side: 'child' | 'parent';
  /** The columns whose written values are needed. */
  readonly columns: readonly string[];
}

/** More distinct keys than this, and the whole table is compared instead. */
const maxListed = 256;

export function referenceChecks(
  state: SessionState,
  write: Pick<Write, 'table' | 'command' | 'columns'>,
): ReferenceCheck[] {
  const { catalog } = state.server;
  const { table, command, columns } = write;
  const touches = (names: readonly string[]) => names.some(name => columns.some(column => sameName(column, name)));
  const checks: ReferenceCheck[] = [];
  if (command !== 'delete') {
    for (const key of table.foreignKeys) {
      const parent = catalog.tableById(key.referencedTableId);
      if (parent && touches(key.columns))
        checks.push({ key, child: table, parent, side: 'child', columns: key.columns });
    }
  }
  if (command === 'insert') return checks;
  for (const child of catalog.tables()) {
    for (const key of child.foreignKeys) {
      if (key.referencedTableId === table.id && touches(key.referencedColumns)) {
        checks.push({ key, child, parent: table, side: 'parent', columns: key.referencedColumns });
      }
    }
  }
  return checks;
}

/**
 * @param values the values of `check.columns` in the written rows; for an UPDATE of a referenced key the old ones are not known,
 *   and the whole table is compared
 * @throws SqlError 547
 */
export async function verifyReference(
  state: SessionState,
  check: ReferenceCheck,
  values: readonly (readonly SqlValue[])[],
  command: Write['command'],
  line: number | undefined,
): Promise<void> {
  const { key, child, parent, side } = check;
  const distinct = [...new Map(values.filter(row => !row.includes(null)).map(row => [row.join('\x1f'), row])).values()];
  if (distinct.length === 0) return;
  const whole = distinct.length > maxListed || (side === 'parent' && command !== 'delete');
  const broken = whole
    ? await anyOrphan(state, check)
    : side === 'child'
      ? (await countMatches(state, parent, key.referencedColumns, distinct)) < distinct.length
      : (await countMatches(state, child, key.columns, distinct)) > 0;
  if (!broken) return;
  const place = { database: state.database, table: child, command, line };
  const column = (side === 'child' ? key.referencedColumns : key.columns)[0] ?? '';
  const other = { table: side === 'child' ? parent : child, column };
  throw constraintError(place, side === 'child' ? 'FOREIGN KEY' : 'REFERENCE', key.name, other);
}

/** How many rows have one of these keys. */
async function countMatches(
  state: SessionState,
  table: TableDefinition,
  columns: readonly string[],
  keys: readonly (readonly SqlValue[])[],
): Promise<number> {
  const types = columns.map(column => storageType(columnOf(table, column)?.type ?? { name: 'bigint' }));
  let last = 0;
  const tuples = keys.map(() => types.map(type => `CAST($${++last} AS ${type})`));
  const [column = ''] = columns;
  const condition =
    columns.length > 1
      ? `(${columns.map(quoteName).join(', ')}) IN (${tuples.map(tuple => `(${tuple.join(', ')})`).join(', ')})`
      : tuples.length > 1
        ? `${quoteName(column)} IN (${tuples.map(([value]) => value).join(', ')})`
        : `${quoteName(column)} = ${tuples[0]?.[0]}`;
  const { rows } = await state.executor.rows(`SELECT count(*) FROM ${tableSql(table)} WHERE ${condition}`, keys.flat());
  return Number(rows[0]?.[0] ?? 0);
}

async function anyOrphan(state: SessionState, { key, child, parent }: ReferenceCheck): Promise<boolean> {
  const pairs = key.columns.map(
    (column, index) => `p.${quoteName(key.referencedColumns[index] ?? '')} = c.${quoteName(column)}`,
  );
  const present = key.columns.map(column => `c.${quoteName(column)} IS NOT NULL`);
  const { rows } = await state.executor.rows(
    `SELECT count(*) FROM ${tableSql(child)} AS c ANTI JOIN ${tableSql(parent)} AS p ON ${pairs.join(' AND ')} WHERE ${present.join(' AND ')}`,
  );
  return Number(rows[0]?.[0] ?? 0) > 0;
}
