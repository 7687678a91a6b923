/** What a silver table that one SELECT makes is declared to be: one file per table, beside the file with the SELECT. */
import { readFile } from 'node:fs/promises';
import { castColumns } from '../delta/data-files.ts';
import type { TableColumn } from '../delta/schema.ts';

export interface SilverTable {
  /** Name in the lake: the folder below `silver/<domain>`. */
  readonly name: string;
  readonly description: string;
  /** Columns that name a row: of the table, or of a partition where it has some. */
  readonly key: readonly string[];
  readonly columns: readonly (TableColumn & { readonly description: string })[];
  /**
   * A file with one SELECT that runs unchanged on DuckDB and on Spark once the prelude of that engine has run. What it reads is said
   * where the tables of its domain are listed.
   */
  readonly select: URL;
}

/** The rows of a table as its SELECT makes them, in the types of its columns: what may follow FROM in DuckDB's SQL. */
export async function silverRows({ columns, select }: SilverTable): Promise<string> {
  return `(SELECT ${castColumns(columns)} FROM (\n${await readFile(select, 'utf8')}\n))`;
}
