/**
 * `sys.*` and `INFORMATION_SCHEMA.*` as DuckDB views over the stored declarations (documentation: "System catalog views",
 * "System information schema views"). INFORMATION_SCHEMA lives in the schema `tsql_information`, for DuckDB has its own.
 */
import { quoteText } from './quoting.ts';

/** The schema that stands for INFORMATION_SCHEMA. */
export const informationSchema = 'tsql_information';

const columnShape = quoteText(
  JSON.stringify([
    {
      id: 'INTEGER',
      name: 'VARCHAR',
      type: { name: 'VARCHAR', precision: 'INTEGER', scale: 'INTEGER', length: 'INTEGER' },
      nullable: 'BOOLEAN',
      identity: { seed: 'BIGINT', increment: 'BIGINT' },
      default: { id: 'INTEGER', name: 'VARCHAR', expression: 'VARCHAR' },
    },
  ]),
);
const keyShape = quoteText(JSON.stringify([{ id: 'INTEGER', name: 'VARCHAR', kind: 'VARCHAR', columns: ['VARCHAR'] }]));
const foreignShape = quoteText(
  JSON.stringify([
    {
      id: 'INTEGER',
      name: 'VARCHAR',
      columns: ['VARCHAR'],
      referencedTableId: 'INTEGER',
      referencedColumns: ['VARCHAR'],
    },
  ]),
);
const checkShape = quoteText(
  JSON.stringify([{ id: 'INTEGER', name: 'VARCHAR', expression: 'VARCHAR', column: 'VARCHAR' }]),
);
const indexShape = quoteText(
  JSON.stringify([{ name: 'VARCHAR', unique: 'BOOLEAN', columns: [{ name: 'VARCHAR', descending: 'BOOLEAN' }] }]),
);

/** One row per element of a JSON list of the declaration, as the struct `e`, with its position `at`. */
function each(list: string, shape: string): string {
  return `(SELECT d.id AS object_id, d.schema_name, d.name AS table_name, d.kind,
    unnest(from_json(json_extract(d.definition, '$.${list}'), ${shape})) AS e,
    generate_subscripts(from_json(json_extract(d.definition, '$.${list}'), ${shape}), 1) AS at
    FROM tsql.definitions AS d WHERE d.kind IN ('table', 'view'))`;
}

/** Type ids of sys.types (documentation: sys.types), with the size in bytes of one unit; 0 means a size of its own. */
const typeRows: readonly (readonly [name: string, id: number, bytes: number, precision: number, scale: number])[] = [
  ['image', 34, 16, 0, 0],
  ['text', 35, 16, 0, 0],
  ['uniqueidentifier', 36, 16, 0, 0],
  ['date', 40, 3, 10, 0],
  ['time', 41, 5, 16, 7],
  ['datetime2', 42, 8, 27, 7],
  ['datetimeoffset', 43, 10, 34, 7],
  ['tinyint', 48, 1, 3, 0],
  ['smallint', 52, 2, 5, 0],
  ['int', 56, 4, 10, 0],
  ['smalldatetime', 58, 4, 16, 0],
  ['real', 59, 4, 24, 0],
  ['money', 60, 8, 19, 4],
  ['datetime', 61, 8, 23, 3],
  ['float', 62, 8, 53, 0],
  ['ntext', 99, 16, 0, 0],
  ['bit', 104, 1, 1, 0],
  ['decimal', 106, 17, 38, 38],
  ['numeric', 108, 17, 38, 38],
  ['smallmoney', 122, 4, 10, 4],
  ['bigint', 127, 8, 19, 0],
  ['varbinary', 165, 8000, 0, 0],
  ['varchar', 167, 8000, 0, 0],
  ['binary', 173, 8000, 0, 0],
  ['char', 175, 8000, 0, 0],
  ['rowversion', 189, 8, 0, 0],
  ['nvarchar', 231, 8000, 0, 0],
  ['nchar', 239, 8000, 0, 0],
  ['xml', 241, -1, 0, 0],
];

/** The statements that make all views; run at each start, so that a newer version finds its own. */
export function systemViews(database: string): string[] {
  const types = typeRows.map(([name, ...numbers]) => `(${quoteText(name)}, ${numbers.join(', ')})`).join(', ');
  const info = informationSchema;
  const view = (name: string, query: string) => `CREATE OR REPLACE VIEW ${name} AS ${query}`;
  const columns = each('columns', columnShape);
  const keys = each('keys', keyShape);
  return [
    view('sys.schemas', `SELECT id::INTEGER AS schema_id, name, 1 AS principal_id FROM tsql.schemas`),
    view(
      'sys.types',
      `SELECT name, id AS system_type_id, id AS user_type_id, 4 AS schema_id, bytes::SMALLINT AS max_length,
       precision::UTINYINT AS precision, scale::UTINYINT AS scale, true AS is_nullable, false AS is_user_defined
       FROM (VALUES ${types}) AS t(name, id, bytes, precision, scale)`,
    ),
    view(
      'tsql.all_columns',
      `SELECT c.object_id, c.schema_name, c.table_name, c.kind, coalesce(c.e.id, c.at)::INTEGER AS column_id, c.e.name AS name,
         c.e.type.name AS type_name, t.system_type_id, c.e.type.length AS length,
         coalesce(CASE c.e.type.name
           WHEN 'datetime2' THEN CASE coalesce(c.e.type.scale, 7) WHEN 0 THEN 19 ELSE 20 + coalesce(c.e.type.scale, 7) END
           WHEN 'decimal' THEN coalesce(c.e.type.precision, 18) WHEN 'numeric' THEN coalesce(c.e.type.precision, 18)
           END, t.precision)::UTINYINT AS precision,
         coalesce(CASE WHEN c.e.type.name IN ('decimal', 'numeric') THEN coalesce(c.e.type.scale, 0) ELSE c.e.type.scale END, t.scale)::UTINYINT AS scale,
         CASE WHEN c.e.type.length = -1 THEN -1
           WHEN c.e.type.name IN ('nvarchar', 'nchar') THEN c.e.type.length * 2
           WHEN c.e.type.name IN ('varchar', 'char', 'varbinary', 'binary') THEN c.e.type.length
           WHEN c.e.type.name = 'datetime2' THEN CASE WHEN coalesce(c.e.type.scale, 7) < 3 THEN 6 WHEN coalesce(c.e.type.scale, 7) < 5 THEN 7 ELSE 8 END
           WHEN c.e.type.name IN ('decimal', 'numeric') THEN CASE WHEN coalesce(c.e.type.precision, 18) < 10 THEN 5 WHEN coalesce(c.e.type.precision, 18) < 20 THEN 9 WHEN coalesce(c.e.type.precision, 18) < 29 THEN 13 ELSE 17 END
           ELSE t.max_length END::SMALLINT AS max_length,
         c.e.nullable AS is_nullable, c.e.identity IS NOT NULL AS is_identity, c.e.identity.seed AS seed, c.e.identity.increment AS increment,
         c.e.default.id AS default_object_id, c.e.default.name AS default_name, c.e.default.expression AS default_expression
       FROM ${columns} AS c JOIN sys.types AS t ON t.name = c.e.type.name`,
    ),
    view(
      'sys.columns',
      `SELECT object_id, name, column_id, system_type_id, system_type_id AS user_type_id, max_length, precision, scale,
       CASE WHEN length IS NOT NULL AND type_name NOT LIKE '%binary' THEN 'SQL_Latin1_General_CP1_CI_AS' END AS collation_name,
       is_nullable, is_identity, false AS is_computed, coalesce(default_object_id, 0) AS default_object_id FROM tsql.all_columns`,
    ),
    view(
      'sys.identity_columns',
      `SELECT object_id, name, column_id, system_type_id, seed AS seed_value, increment AS increment_value, is_nullable, is_identity
       FROM tsql.all_columns WHERE is_identity`,
    ),
    view(
      'tsql.all_keys',
      `SELECT object_id, schema_name, table_name, e.id AS id, e.name AS name, e.kind AS kind, e.columns AS columns FROM ${keys}`,
    ),
    view(
      'tsql.all_foreign_keys',
      `SELECT object_id, schema_name, table_name, e.id AS id, e.name AS name, e.columns AS columns,
       e.referencedTableId AS referenced_object_id, e.referencedColumns AS referenced_columns FROM ${each('foreignKeys', foreignShape)}`,
    ),
    view(
      'tsql.all_checks',
      `SELECT object_id, schema_name, table_name, e.id AS id, e.name AS name, e.expression AS definition FROM ${each('checks', checkShape)}`,
    ),
    view(
      'sys.all_objects',
      `SELECT s.schema_id, o.* FROM (
         SELECT id::INTEGER AS object_id, schema_name AS s_name, name,
           CASE kind WHEN 'table' THEN 'U ' WHEN 'view' THEN 'V ' ELSE 'P ' END AS type,
           CASE kind WHEN 'table' THEN 'USER_TABLE' WHEN 'view' THEN 'VIEW' ELSE 'SQL_STORED_PROCEDURE' END AS type_desc,
           0 AS parent_object_id, created AS create_date, modified AS modify_date FROM tsql.definitions
         UNION ALL SELECT k.id, k.schema_name, k.name, CASE k.kind WHEN 'primary' THEN 'PK' ELSE 'UQ' END,
           CASE k.kind WHEN 'primary' THEN 'PRIMARY_KEY_CONSTRAINT' ELSE 'UNIQUE_CONSTRAINT' END, k.object_id, NULL, NULL FROM tsql.all_keys AS k
         UNION ALL SELECT f.id, f.schema_name, f.name, 'F ', 'FOREIGN_KEY_CONSTRAINT', f.object_id, NULL, NULL FROM tsql.all_foreign_keys AS f
         UNION ALL SELECT c.id, c.schema_name, c.name, 'C ', 'CHECK_CONSTRAINT', c.object_id, NULL, NULL FROM tsql.all_checks AS c
         UNION ALL SELECT d.default_object_id, d.schema_name, d.default_name, 'D ', 'DEFAULT_CONSTRAINT', d.object_id, NULL, NULL
           FROM tsql.all_columns AS d WHERE d.default_object_id IS NOT NULL
       ) AS o JOIN sys.schemas AS s ON s.name = o.s_name`,
    ),
    view(
      'sys.objects',
      `SELECT name, object_id, schema_id, parent_object_id, type, type_desc, create_date, modify_date, false AS is_ms_shipped FROM sys.all_objects`,
    ),
    view(
      'sys.tables',
      `SELECT name, object_id, schema_id, parent_object_id, type, type_desc, create_date, modify_date, false AS is_ms_shipped, 0::UTINYINT AS temporal_type FROM sys.all_objects WHERE type = 'U '`,
    ),
    view(
      'sys.views',
      `SELECT name, object_id, schema_id, type, type_desc, create_date, modify_date FROM sys.all_objects WHERE type = 'V '`,
    ),
    view(
      'sys.procedures',
      `SELECT name, object_id, schema_id, type, type_desc, create_date, modify_date FROM sys.all_objects WHERE type = 'P '`,
    ),
    view(
      'sys.default_constraints',
      `SELECT default_name AS name, default_object_id AS object_id, object_id AS parent_object_id, column_id AS parent_column_id, default_expression AS definition FROM tsql.all_columns WHERE default_object_id IS NOT NULL`,
    ),
    view(
      'sys.check_constraints',
      `SELECT name, id AS object_id, object_id AS parent_object_id, definition FROM tsql.all_checks`,
    ),
    view(
      'sys.key_constraints',
      `SELECT name, id AS object_id, object_id AS parent_object_id, CASE kind WHEN 'primary' THEN 'PK' ELSE 'UQ' END AS type FROM tsql.all_keys`,
    ),
    view(
      'sys.foreign_keys',
      `SELECT name, id AS object_id, object_id AS parent_object_id, referenced_object_id FROM tsql.all_foreign_keys`,
    ),
    view(
      'sys.sql_modules',
      `SELECT id::INTEGER AS object_id, json_extract_string(definition, '$.text') AS definition FROM tsql.definitions WHERE kind IN ('view', 'procedure')`,
    ),
    view(
      'tsql.all_indexes',
      `SELECT object_id, name, row_number() OVER (PARTITION BY object_id ORDER BY rank, name)::INTEGER AS index_id, rank = 0 AS is_primary_key, rank = 1 AS is_unique_constraint, is_unique, columns
       FROM (SELECT object_id, name, CASE kind WHEN 'primary' THEN 0 ELSE 1 END AS rank, true AS is_unique,
               list_transform(columns, lambda c: {'name': c, 'descending': false}) AS columns FROM tsql.all_keys
             UNION ALL SELECT object_id, e.name, 2, e.unique, e.columns FROM ${each('indexes', indexShape)})`,
    ),
    view(
      'sys.indexes',
      `SELECT object_id, name, index_id, CASE WHEN is_primary_key THEN 1 ELSE 2 END::UTINYINT AS type, CASE WHEN is_primary_key THEN 'CLUSTERED' ELSE 'NONCLUSTERED' END AS type_desc,
       is_unique, is_primary_key, is_unique_constraint, false AS is_disabled FROM tsql.all_indexes`,
    ),
    view(
      'sys.index_columns',
      `SELECT i.object_id, i.index_id, i.at::INTEGER AS index_column_id, c.column_id, i.at::UTINYINT AS key_ordinal, i.col.descending AS is_descending_key, false AS is_included_column
       FROM (SELECT object_id, index_id, unnest(columns) AS col, generate_subscripts(columns, 1) AS at FROM tsql.all_indexes) AS i
       JOIN tsql.all_columns AS c ON c.object_id = i.object_id AND lower(c.name) = lower(i.col.name)`,
    ),
    view(
      'sys.databases',
      `SELECT name, id AS database_id, 170::UTINYINT AS compatibility_level, 'SQL_Latin1_General_CP1_CI_AS' AS collation_name, 'ONLINE' AS state_desc, 0::UTINYINT AS state,
       1::UTINYINT AS snapshot_isolation_state, true AS is_read_committed_snapshot_on FROM (VALUES ('master', 1), (${quoteText(database)}, 5)) AS d(name, id)`,
    ),
    view(
      `${info}.schemata`,
      `SELECT ${quoteText(database)} AS CATALOG_NAME, name AS SCHEMA_NAME, 'dbo' AS SCHEMA_OWNER FROM sys.schemas`,
    ),
    view(
      `${info}.tables`,
      `SELECT ${quoteText(database)} AS TABLE_CATALOG, s_name AS TABLE_SCHEMA, name AS TABLE_NAME, CASE type WHEN 'U ' THEN 'BASE TABLE' ELSE 'VIEW' END AS TABLE_TYPE
       FROM sys.all_objects WHERE type IN ('U ', 'V ')`,
    ),
    view(
      `${info}.columns`,
      `SELECT ${quoteText(database)} AS TABLE_CATALOG, schema_name AS TABLE_SCHEMA, table_name AS TABLE_NAME, name AS COLUMN_NAME, column_id AS ORDINAL_POSITION,
       CASE WHEN default_expression IS NULL THEN NULL ELSE '(' || default_expression || ')' END AS COLUMN_DEFAULT, CASE WHEN is_nullable THEN 'YES' ELSE 'NO' END AS IS_NULLABLE,
       CASE type_name WHEN 'rowversion' THEN 'timestamp' ELSE type_name END AS DATA_TYPE, length AS CHARACTER_MAXIMUM_LENGTH,
       CASE WHEN length IS NULL THEN NULL ELSE max_length::INTEGER END AS CHARACTER_OCTET_LENGTH,
       CASE WHEN type_name IN ('tinyint', 'smallint', 'int', 'bigint', 'decimal', 'numeric', 'money', 'smallmoney', 'float', 'real') THEN precision END AS NUMERIC_PRECISION,
       CASE WHEN type_name IN ('tinyint', 'smallint', 'int', 'bigint', 'decimal', 'numeric', 'money', 'smallmoney') THEN scale::INTEGER END AS NUMERIC_SCALE,
       CASE WHEN type_name IN ('datetime2', 'datetime', 'time', 'datetimeoffset', 'date', 'smalldatetime') THEN scale::SMALLINT END AS DATETIME_PRECISION
       FROM tsql.all_columns`,
    ),
    view(
      `${info}.table_constraints`,
      `SELECT ${quoteText(database)} AS CONSTRAINT_CATALOG, o.s_name AS CONSTRAINT_SCHEMA, o.name AS CONSTRAINT_NAME, ${quoteText(database)} AS TABLE_CATALOG, t.s_name AS TABLE_SCHEMA, t.name AS TABLE_NAME,
       CASE o.type WHEN 'PK' THEN 'PRIMARY KEY' WHEN 'UQ' THEN 'UNIQUE' WHEN 'F ' THEN 'FOREIGN KEY' ELSE 'CHECK' END AS CONSTRAINT_TYPE
       FROM sys.all_objects AS o JOIN sys.all_objects AS t ON t.object_id = o.parent_object_id WHERE o.type IN ('PK', 'UQ', 'F ', 'C ')`,
    ),
    view(
      `${info}.key_column_usage`,
      `SELECT ${quoteText(database)} AS CONSTRAINT_CATALOG, schema_name AS CONSTRAINT_SCHEMA, name AS CONSTRAINT_NAME, ${quoteText(database)} AS TABLE_CATALOG, schema_name AS TABLE_SCHEMA, table_name AS TABLE_NAME,
       unnest(columns) AS COLUMN_NAME, generate_subscripts(columns, 1)::INTEGER AS ORDINAL_POSITION
       FROM (SELECT schema_name, table_name, name, columns FROM tsql.all_keys UNION ALL SELECT schema_name, table_name, name, columns FROM tsql.all_foreign_keys)`,
    ),
    view(
      `${info}.routines`,
      `SELECT ${quoteText(database)} AS ROUTINE_CATALOG, s_name AS ROUTINE_SCHEMA, name AS ROUTINE_NAME, 'PROCEDURE' AS ROUTINE_TYPE FROM sys.all_objects WHERE type = 'P '`,
    ),
  ];
}
