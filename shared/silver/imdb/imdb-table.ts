/** What a silver table of the IMDb data is declared to be; one file per table, beside the SELECT that makes its rows. */
import type { TableColumn } from '../../delta/schema.ts';

export interface SilverTable {
  /** Name in the lake: the folder below `silver/imdb`. */
  readonly name: string;
  readonly description: string;
  /** The data set that its rows are made of, such as `title.basics`. */
  readonly dataSet: string;
  /** Columns that name a row. The first ones are the key of the data set, in its order. */
  readonly key: readonly string[];
  readonly columns: readonly (TableColumn & { readonly description: string })[];
  /** Columns whose value names a row of another table, by the first column of that table's key. */
  readonly references: readonly { readonly column: string; readonly table: string }[];
  /**
   * A file with one SELECT that runs unchanged on DuckDB and on Spark once the prelude of that engine has run. It reads the good rows
   * of the data set, as text, from a view that is called like the data set (`title_basics`) with the columns of its header.
   */
  readonly select: URL;
}
