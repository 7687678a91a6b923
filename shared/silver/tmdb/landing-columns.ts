/** What a silver table of the TMDB lists is declared to be; one file per table, beside the SELECT that makes its rows. */
import type { TableColumn } from '../../delta/schema.ts';

export interface SilverTable {
  /** Name in the lake: the folder below `silver/tmdb`. */
  readonly name: string;
  readonly description: string;
  /** Columns that name a row within its partition, which is one list on one day. */
  readonly key: readonly string[];
  /** Columns of the files; `list` and `date` are in their path, as Hive and Spark keep partitions. */
  readonly columns: readonly (TableColumn & { readonly description: string })[];
  /**
   * A file with one SELECT that runs unchanged on DuckDB and on Spark once the prelude of that engine has run. It reads
   * `list_movies`, the good movies of the landing, each once: `rank`, `page`, `position_on_page` as numbers, and the fields of
   * `transform/movie-fields.ts`, `landed_at` and `run_id` as text; and `genre_names` (id, name), empty where they are not known.
   */
  readonly select: URL;
}

/** Columns that end every table: whence the row is. */
export const landingColumns: SilverTable['columns'] = [
  { name: 'landed_at', type: 'timestamp', nullable: false, description: 'When the last page of the list was safe.' },
  { name: 'run_id', type: 'string', nullable: false, description: 'The run that read the list.' },
];
