/** Bronze CSV as a relation with the columns and types of its silver table: the one definition of that step. */
import type { SourceTable } from '../catalog/types.ts';
import { sqlName, sqlText } from '../duckdb/session.ts';
import { duckdbCsvOptions } from '../formats/csv.ts';
import { silverColumns, ticksColumn } from '../sources/mssql/column-types.ts';

/** A SELECT over local copies of the CSV files. A value that does not fit its declared type fails the statement. */
export function bronzeRows(table: SourceTable, localFiles: readonly string[]): string {
  const columns = table.columns.flatMap(silverColumns);
  const select = columns.map(({ name, expression }) => `${expression} AS ${sqlName(name)}`);
  const files = localFiles.map(sqlText).join(', ');
  const options = duckdbCsvOptions(table.columns.map(({ name }) => name));
  return `SELECT ${select.join(', ')} FROM read_csv([${files}], ${options})`;
}

/** The schema of the silver table, in the order of the source's columns. */
export function silverSchema(table: SourceTable): readonly {
  readonly name: string;
  readonly type: ReturnType<typeof silverColumns>[number]['type'];
  readonly nullable: boolean;
  readonly description: string;
}[] {
  return table.columns
    .flatMap(silverColumns)
    .map(({ name, type, nullable, description }) => ({ name, type, nullable, description }));
}

/** The column that orders the versions of a row, exact to 100 ns: a row never gives way to an older one. */
export function versionColumn(table: SourceTable): string {
  return ticksColumn(table.watermark);
}
