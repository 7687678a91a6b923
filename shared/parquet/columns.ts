/** Tables as bytes: what a batch of rows looks like column by column, in the layout of Apache Arrow. */

export interface ParquetColumn {
  readonly name: string;
  /** `text` is UTF-8 (a Parquet STRING), `bytes` a BYTE_ARRAY without a logical type (not compressed), `int64` a signed integer of 64 bits. */
  readonly type: 'text' | 'bytes' | 'int64';
  readonly nullable: boolean;
  /**
   * - `dictionary`: each distinct value once, for columns that repeat theirs; the writer gives it up where they do not
   * - `plain`: as they are, for values that are all different
   * - `delta`: the differences, for numbers that grow
   */
  readonly encoding: 'dictionary' | 'plain' | 'delta';
  /** Whether the file says the least and the greatest value of each row group, so that readers can skip groups. */
  readonly statistics: boolean;
}

/** Values of variable length, end to end: value `i` is `bytes[offsets[i]]` to `bytes[offsets[i + 1]]`, exclusive. */
export interface VariableLengthValues {
  /** One more than there are rows, the first one 0; may be longer. */
  readonly offsets: Int32Array<ArrayBuffer>;
  /** Of a `text` column: valid UTF-8, value by value. May be longer than the last offset says. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** One bit per row, least significant bit first; 0 is NULL. Without it no value is NULL. */
  readonly validity?: Uint8Array<ArrayBuffer>;
}

/** One number per row; may be longer. */
export interface IntegerValues {
  readonly integers: BigInt64Array<ArrayBuffer>;
  /** As above. */
  readonly validity?: Uint8Array<ArrayBuffer>;
}

export interface ColumnBatch {
  readonly rows: number;
  /** In the order of the table's columns. */
  readonly columns: readonly (VariableLengthValues | IntegerValues)[];
}
