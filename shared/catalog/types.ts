/**
 * What the lake contains, as data. Terms: a *source table* is copied to *bronze* as it is and merged into *silver* by its *key*;
 * its *watermark* column says when a row last changed; a *window* is the range of watermarks one run carries.
 */
export interface SourceColumn {
  readonly name: string;
  /** The T-SQL type as the source declares it, such as `datetime2(7)`. */
  readonly type: string;
  readonly nullable: boolean;
  readonly description: string;
}

export interface SourceTable {
  /** Name in the lake: the folder in bronze and silver. */
  readonly name: string;
  readonly source: { readonly schema: string; readonly table: string };
  readonly description: string;
  /** Columns of the primary key, in its order. */
  readonly key: readonly string[];
  /** A `datetime2` column that every insert and update stamps. */
  readonly watermark: string;
  /** A full load with more rows than this is split by ranges of the key (which must be one column) and fanned out. */
  readonly rowsPerPart: number;
  readonly columns: readonly SourceColumn[];
}
