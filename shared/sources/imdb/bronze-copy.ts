/** What a copy of one data set left in bronze: its receipt, in plain JSON. */
export interface BronzeCopy {
  /** The Parquet file in the lake. */
  readonly path: string;
  readonly bytes: number;
  /** Lines of the source after the header: all of them are in bronze, good or malformed. */
  readonly lines: number;
  /** Lines that did not fit the header; each is in bronze as it came, with its reason. */
  readonly malformedLines: number;
  /** Rows of the Parquet file: one per line, more where a line was too long and is kept in pieces. */
  readonly rows: number;
  /** As in the header. */
  readonly columns: readonly string[];
  /** Bytes of the data set once decompressed. */
  readonly expandedBytes: number;
}

/**
 * Columns that bronze has after those of the header: the line number in the source (the header is line 1), and, of a malformed line
 * only, its bytes and what was wrong.
 */
export const bronzeLine = '_line';
export const bronzeMalformed = '_malformed';
export const bronzeReason = '_reason';
