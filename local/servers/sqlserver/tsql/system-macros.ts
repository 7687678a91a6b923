/** DuckDB macros behind the functions that T-SQL has and DuckDB has not. They live in the schema `tsql`, made anew at each start. */
export const systemMacros: readonly string[] = [
  'CREATE SEQUENCE IF NOT EXISTS tsql.rowversions START 2000',
  "CREATE OR REPLACE MACRO tsql.next_rowversion() AS from_hex(lpad(to_hex(nextval('tsql.rowversions')), 16, '0'))",
  `CREATE OR REPLACE MACRO tsql.divisor(value) AS CASE WHEN value = 0 THEN error('tsql 8134') ELSE value END`,
  // Characters beyond the basic plane count twice. The cheap test first: bytes are never fewer than code units.
  `CREATE OR REPLACE MACRO tsql.utf16_length(value) AS
    CASE WHEN strlen(value) = length(value) THEN length(value)
      ELSE length(value) + len(regexp_extract_all(value, '[\\x{10000}-\\x{10FFFF}]')) END`,
  `CREATE OR REPLACE MACRO tsql.fit(value, size, place, col) AS
    CASE WHEN strlen(value) <= size THEN value
      WHEN tsql.utf16_length(value) <= size THEN value
      WHEN tsql.utf16_length(rtrim(value, ' ')) <= size THEN left(value, size)
      ELSE error('tsql 2628' || chr(31) || place || chr(31) || col || chr(31) || left(value, size)) END`,
  // T-SQL reads 20240131 and ISO in any language; 103 and 104 are the day-first styles in use.
  `CREATE OR REPLACE MACRO tsql.read_datetime(value, style) AS
    CASE WHEN style IN (103, 104, 105) THEN strptime(value, ['%d/%m/%Y', '%d.%m.%Y', '%d-%m-%Y', '%d/%m/%Y %H:%M:%S'])
      WHEN style = 101 THEN strptime(value, ['%m/%d/%Y', '%m/%d/%Y %H:%M:%S'])
      WHEN regexp_full_match(value, '\\d{8}.*') THEN CAST(left(value, 4) || '-' || substr(value, 5, 2) || '-' || substr(value, 7) AS TIMESTAMP)
      ELSE CAST(value AS TIMESTAMP) END`,
  // DuckDB reports a failed cast to these as one to the integer behind them, which would read as another error.
  `CREATE OR REPLACE MACRO tsql.read_datetime2(value) AS
    coalesce(TRY_CAST(value AS TIMESTAMP_NS), CASE WHEN value IS NOT NULL THEN CAST(error('tsql 241') AS TIMESTAMP_NS) END)`,
  `CREATE OR REPLACE MACRO tsql.read_uuid(value) AS
    coalesce(TRY_CAST(value AS UUID), CASE WHEN value IS NOT NULL THEN CAST(error('tsql 8169') AS UUID) END)`,
  // datetime ticks are 1/300 s: they show as .000, .003, .007.
  `CREATE OR REPLACE MACRO tsql.round_datetime(value) AS
    make_timestamp(CAST(round(round(epoch_us(value) * 3 / 10000.0::DOUBLE) * 10 / 3.0::DOUBLE) AS BIGINT) * 1000)`,
  `CREATE OR REPLACE MACRO tsql.substring(value, start, size) AS
    substr(value, greatest(start, 1), greatest(CAST(start AS BIGINT) + size - greatest(start, 1), 0))`,
  `CREATE OR REPLACE MACRO tsql.charindex(part, value, start) AS
    CASE WHEN instr(substr(lower(value), start), lower(part)) = 0 THEN 0
      ELSE instr(substr(lower(value), start), lower(part)) + start - 1 END`,
  `CREATE OR REPLACE MACRO tsql.replace(value, part, other) AS
    CASE WHEN part = '' THEN value
      ELSE regexp_replace(value, regexp_escape(part), replace(other, '\\', '\\\\'), 'gi') END`,
  // 64 bits of hash folded into an int.
  'CREATE OR REPLACE MACRO tsql.fold(value) AS CAST(CAST(value % 4294967296 AS BIGINT) - 2147483648 AS INTEGER)',
  // Names as people pass them: dbo.users, [dbo].[users], users.
  "CREATE OR REPLACE MACRO tsql.plain_name(name) AS lower(replace(replace(replace(name, '[', ''), ']', ''), '\"', ''))",
  `CREATE OR REPLACE MACRO tsql.object_id(written, wanted := NULL) AS (
    SELECT max(object_id) FROM sys.all_objects AS o
    WHERE lower(s_name || '.' || name) = CASE WHEN contains(tsql.plain_name(written), '.')
        THEN split_part(tsql.plain_name(written), '.', -2) || '.' || split_part(tsql.plain_name(written), '.', -1)
        ELSE 'dbo.' || tsql.plain_name(written) END
      AND (wanted IS NULL OR rtrim(o.type) = upper(rtrim(wanted))))`,
  `CREATE OR REPLACE MACRO tsql.object_name(wanted_id) AS (SELECT max(name) FROM sys.all_objects WHERE object_id = wanted_id)`,
  `CREATE OR REPLACE MACRO tsql.object_schema_name(wanted_id) AS (SELECT max(s_name) FROM sys.all_objects WHERE object_id = wanted_id)`,
  `CREATE OR REPLACE MACRO tsql.schema_id(written := 'dbo') AS (SELECT max(schema_id) FROM sys.schemas WHERE lower(name) = tsql.plain_name(written))`,
  `CREATE OR REPLACE MACRO tsql.schema_name(wanted_id := 1) AS (SELECT max(name) FROM sys.schemas WHERE schema_id = wanted_id)`,
  `CREATE OR REPLACE MACRO tsql.type_name(wanted_id) AS (SELECT max(name) FROM sys.types WHERE user_type_id = wanted_id)`,
  `CREATE OR REPLACE MACRO tsql.type_id(written) AS (SELECT max(user_type_id) FROM sys.types WHERE lower(name) = tsql.plain_name(written))`,
  `CREATE OR REPLACE MACRO tsql.col_length(wanted_table, wanted_column) AS (SELECT max(max_length) FROM sys.columns WHERE object_id = tsql.object_id(wanted_table) AND lower(name) = tsql.plain_name(wanted_column))`,
  `CREATE OR REPLACE MACRO tsql.col_name(wanted_id, wanted_column) AS (SELECT max(name) FROM sys.columns WHERE object_id = wanted_id AND column_id = wanted_column)`,
  `CREATE OR REPLACE MACRO tsql.has_dbaccess(name) AS 1`,
  `CREATE OR REPLACE MACRO tsql.has_perms_by_name(a, b, c) AS 1`,
  `CREATE OR REPLACE MACRO tsql.objectproperty(wanted_id, wanted_property) AS (
    SELECT max(CASE lower(wanted_property) WHEN 'istable' THEN rtrim(type) = 'U' WHEN 'isusertable' THEN rtrim(type) = 'U'
      WHEN 'isview' THEN rtrim(type) = 'V' WHEN 'isprocedure' THEN rtrim(type) = 'P' END::INTEGER) FROM sys.all_objects WHERE object_id = wanted_id)`,
  `CREATE OR REPLACE MACRO tsql.columnproperty(wanted_id, wanted_column, wanted_property) AS (
    SELECT max(CASE lower(wanted_property) WHEN 'isidentity' THEN is_identity::INTEGER WHEN 'allowsnull' THEN is_nullable::INTEGER
      WHEN 'columnid' THEN column_id WHEN 'precision' THEN precision WHEN 'scale' THEN scale END)
    FROM sys.columns WHERE object_id = wanted_id AND lower(name) = tsql.plain_name(wanted_column))`,
  `CREATE OR REPLACE MACRO tsql.indexproperty(id, name, property) AS NULL`,
  `CREATE OR REPLACE MACRO tsql.databasepropertyex(name, property) AS CASE lower(property)
    WHEN 'collation' THEN 'SQL_Latin1_General_CP1_CI_AS' WHEN 'status' THEN 'ONLINE' WHEN 'updateability' THEN 'READ_WRITE'
    WHEN 'edition' THEN 'GeneralPurpose' END`,
  `CREATE OR REPLACE MACRO tsql.serverproperty(property) AS CASE lower(property)
    WHEN 'productversion' THEN '12.0.2000.8' WHEN 'productlevel' THEN 'RTM' WHEN 'edition' THEN 'SQL Azure'
    WHEN 'engineedition' THEN '5' WHEN 'servername' THEN 'localhost' WHEN 'machinename' THEN 'localhost'
    WHEN 'collation' THEN 'SQL_Latin1_General_CP1_CI_AS' WHEN 'isclustered' THEN '0'
    WHEN 'isintegratedsecurityonly' THEN '0' WHEN 'productmajorversion' THEN '12' END`,
];
