/** The catalog on disk: one row per declared object in `tsql.definitions`, inside the database it describes. */
import type { SqlColumn, SqlType } from '../session.ts';
import type { Catalog, Definition } from './catalog.ts';
import type { Executor } from './executor.ts';
import { quoteQualified } from './quoting.ts';
import type { Relation } from './scope.ts';
import { systemMacros } from './system-macros.ts';
import { informationSchema, systemViews } from './system-views.ts';

/** What each connection needs to mean what T-SQL means. */
export const connectionSettings = [
  'SET integer_division = true',
  "SET default_null_order = 'nulls_first_on_asc_last_on_desc'",
  "SET default_collation = 'nocase'",
  "SET TimeZone = 'UTC'",
];

/** Makes what is missing of the hidden schemas, and all views and macros anew. */
export async function prepareDatabase(executor: Executor, database: string): Promise<void> {
  const statements = [
    ...['tsql', 'sys', informationSchema, 'dbo'].map(schema => `CREATE SCHEMA IF NOT EXISTS ${schema}`),
    `CREATE TABLE IF NOT EXISTS tsql.definitions (
      id BIGINT, kind VARCHAR, schema_name VARCHAR, name VARCHAR, definition VARCHAR,
      created TIMESTAMP DEFAULT current_timestamp::TIMESTAMP, modified TIMESTAMP DEFAULT current_timestamp::TIMESTAMP)`,
    "CREATE TABLE IF NOT EXISTS tsql.schemas AS SELECT 1::BIGINT AS id, 'dbo' AS name",
    ...systemViews(database),
    ...systemMacros,
  ];
  await executor.run('BEGIN');
  for (const statement of statements) await executor.run(statement);
  await executor.run('COMMIT');
}

/** Reads all declarations, as this connection's transaction sees them. */
export async function loadCatalog(executor: Executor, catalog: Catalog): Promise<void> {
  const { rows } = await executor.rows('SELECT definition FROM tsql.definitions ORDER BY id');
  catalog.replace(rows.map(([text]) => JSON.parse(String(text)) as Definition));
}

/** Writes a declaration, in place of the one with its id. Part of the transaction of the statement that changed it. */
export async function saveDefinition(executor: Executor, definition: Definition): Promise<void> {
  const text = JSON.stringify(definition);
  const { changed } = await executor.rows(
    'UPDATE tsql.definitions SET definition = $1, modified = current_timestamp::TIMESTAMP WHERE id = $2',
    [text, definition.id],
  );
  if (changed > 0) return;
  await executor.rows(
    'INSERT INTO tsql.definitions (id, kind, schema_name, name, definition) VALUES ($1, $2, $3, $4, $5)',
    [definition.id, definition.kind, definition.schema, definition.name, text],
  );
}

export async function removeDefinition(executor: Executor, id: number): Promise<void> {
  await executor.rows('DELETE FROM tsql.definitions WHERE id = $1', [id]);
}

const typesOfViews: Readonly<Record<string, SqlType>> = {
  BOOLEAN: { name: 'bit' },
  UTINYINT: { name: 'tinyint' },
  SMALLINT: { name: 'smallint' },
  INTEGER: { name: 'int' },
  BIGINT: { name: 'bigint' },
  TIMESTAMP: { name: 'datetime' },
};

/** The system views by `schema.name` in lower case, INFORMATION_SCHEMA under its own name. */
export async function loadSystemViews(executor: Executor): Promise<ReadonlyMap<string, Relation>> {
  const { rows } = await executor.rows(
    `SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns()
     WHERE schema_name IN ('sys', '${informationSchema}') ORDER BY schema_name, table_name, column_index`,
  );
  const views = new Map<string, { sql: string; name: string; columns: SqlColumn[] }>();
  for (const [schema, view, column, type] of rows.map(row => row.map(String))) {
    if (schema === undefined || view === undefined || column === undefined || type === undefined) continue;
    const key = `${schema === informationSchema ? 'information_schema' : schema}.${view}`.toLowerCase();
    const relation = views.get(key) ?? { sql: quoteQualified(schema, view), name: view, columns: [] };
    relation.columns.push({
      name: column,
      type: typesOfViews[type] ?? { name: 'nvarchar', length: 4000 },
      nullable: true,
    });
    views.set(key, relation);
  }
  return views;
}
