import type { SilverTable } from '../silver-table.ts';

/** A silver table that is made of one IMDb data set. The first columns of its key are the key of the data set, in its order. */
export interface ImdbTable extends SilverTable {
  /** The data set that its rows are made of, such as `title.basics`. */
  readonly dataSet: string;
  /** Columns whose value names a row of another table, by the first column of that table's key. */
  readonly references: readonly { readonly column: string; readonly table: string }[];
}
