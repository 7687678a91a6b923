/** A table's columns: as our callers declare them, as the log spells them, and as DuckDB types. Pure; no I/O. */
import { PermanentError } from '../errors.ts';

/** The types of PROTOCOL.md, "Primitive Types". `timestamp` is an instant (UTC, microseconds), `timestamp_ntz` a local time. */
export type ColumnType =
  | 'string'
  | 'long'
  | 'integer'
  | 'short'
  | 'byte'
  | 'double'
  | 'float'
  | `decimal(${number},${number})`
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'timestamp_ntz'
  | 'binary';

export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** Kept in the field's metadata as `comment`, where Spark and its catalogs look for it. */
  readonly description?: string;
  /** What other writers noted about the column; kept as it is. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export type TableSchema = readonly TableColumn[];

interface SchemaField {
  readonly name: string;
  readonly type: unknown;
  readonly nullable: boolean;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

const duckDbTypes: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  long: 'BIGINT',
  integer: 'INTEGER',
  short: 'SMALLINT',
  byte: 'TINYINT',
  double: 'DOUBLE',
  float: 'FLOAT',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMPTZ',
  timestamp_ntz: 'TIMESTAMP',
  binary: 'BLOB',
};

/** The DuckDB type that Parquet carries as Delta wants it (PROTOCOL.md, "Delta Data Type to Parquet Type Mappings"). */
export function duckDbType(type: ColumnType): string {
  return duckDbTypes[type] ?? type.toUpperCase();
}

/** The schema as the log's `schemaString`. */
export function formatSchema(schema: TableSchema): string {
  const fields = schema.map(({ name, type, nullable, description, metadata }) => ({
    name,
    type,
    nullable,
    metadata: { ...metadata, ...(description === undefined ? {} : { comment: description }) },
  }));
  return JSON.stringify({ type: 'struct', fields });
}

/** The columns of a `schemaString`. @throws PermanentError `unsupported-type` on nested and unknown types, naming the column */
export function parseSchema(schemaString: string): TableSchema {
  const { fields } = JSON.parse(schemaString) as { fields: readonly SchemaField[] };
  return fields.map(({ name, type, nullable, metadata: { comment, ...metadata } = {} }) => ({
    name,
    type: columnType(name, type),
    nullable,
    ...(typeof comment === 'string' ? { description: comment } : {}),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  }));
}

/** @throws PermanentError `bad-schema` for names that collide or that Delta without column mapping cannot store */
export function checkSchema(schema: TableSchema): void {
  const seen = new Set<string>();
  if (schema.length === 0) throw badSchema('a table needs at least one column');
  for (const { name, type } of schema) {
    // The characters that Spark refuses in Parquet column names; column mapping, which allows them, needs reader version 2.
    if (name === '' || /[ ,;{}()\n\t=]/.test(name)) {
      throw badSchema(
        `column name ${JSON.stringify(name)}: expected at least one character and none of " ,;{}()\\n\\t="`,
      );
    }
    if (seen.has(name.toLowerCase()))
      throw badSchema(`column name ${JSON.stringify(name)} is there twice (case ignored)`);
    seen.add(name.toLowerCase());
    columnType(name, type);
  }
}

/**
 * The schema of a table after a write with `given`: columns that the table lacks are added at its end (nullable, because the rows
 * there have no value), descriptions are taken over, `nullable: true` loosens a column.
 * @throws PermanentError `schema-conflict` when a type differs or a column of the table is not given
 */
export function evolveSchema(current: TableSchema, given: TableSchema): TableSchema {
  const byName = new Map(given.map(column => [column.name.toLowerCase(), column]));
  const problems: string[] = [];
  const kept = current.map(column => {
    const now = byName.get(column.name.toLowerCase());
    byName.delete(column.name.toLowerCase());
    if (now === undefined) {
      problems.push(`column ${column.name} of the table is missing`);
      return column;
    }
    if (now.type !== column.type) problems.push(`column ${column.name}: the table has ${column.type}, got ${now.type}`);
    const description = now.description ?? column.description;
    return {
      ...column,
      nullable: column.nullable || now.nullable,
      ...(description === undefined ? {} : { description }),
    };
  });
  if (problems.length > 0) {
    throw new PermanentError(
      `${problems.join('; ')}. Tables evolve by added columns only: give every column with its type, or overwrite the table`,
      { code: 'schema-conflict' },
    );
  }
  return [...kept, ...[...byName.values()].map(column => ({ ...column, nullable: true }))];
}

function columnType(name: string, type: unknown): ColumnType {
  if (typeof type === 'string') {
    const decimal = /^decimal\((\d+),\s*(\d+)\)$/.exec(type);
    const [precision, scale] = [Number(decimal?.[1]), Number(decimal?.[2])];
    if (decimal && precision >= 1 && precision <= 38 && scale <= precision) return `decimal(${precision},${scale})`;
    if (Object.hasOwn(duckDbTypes, type)) return type as ColumnType;
  }
  throw new PermanentError(
    `column ${name}: type ${JSON.stringify(type)} is not supported; expected one of ${Object.keys(duckDbTypes).join(', ')} or decimal(p,s)`,
    { code: 'unsupported-type' },
  );
}

function badSchema(what: string): PermanentError {
  return new PermanentError(`table schema: ${what}`, { code: 'bad-schema' });
}
