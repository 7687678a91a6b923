import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { SqlColumn } from '../session.ts';
import type { ByteWriter } from './byte-writer.ts';
import { type ColumnEncoder, columnEncoder } from './column-encoder.ts';
import { ROW_TOKEN } from './tokens.ts';

/** Values pulled from DuckDB at a time. Most chunks (2,048 rows) weigh less and go in one piece. */
const BATCH_BYTES = 256 * 1024;

/** The rows of one DuckDB chunk as ROW tokens, a batch at a time so that large values do not pile up. */
export class ChunkEncoder {
  readonly rowCount: number;
  readonly #columns: readonly ColumnEncoder[];
  readonly #sizes: Int32Array;
  readonly #cursors: Int32Array;

  constructor(columns: readonly SqlColumn[], chunk: DuckDBDataChunk, encoderOf = columnEncoder) {
    this.rowCount = chunk.rowCount;
    this.#columns = columns.map((column, index) => encoderOf(column, chunk.getColumnVector(index), this.rowCount));
    this.#sizes = new Int32Array(this.rowCount);
    this.#cursors = new Int32Array(this.rowCount);
  }

  /**
   * Appends rows from `from` on, at least one and at most up to `limit` (exclusive); returns the row after the last.
   *
   * @throws RangeError when a value does not fit its column; then nothing is appended
   */
  encode(writer: ByteWriter, from: number, limit: number): number {
    const to = this.#batchEnd(from, limit);
    this.#sizes.fill(1, from, to);
    for (const column of this.#columns) column.measure(from, to, this.#sizes);
    const start = writer.length;
    try {
      this.#write(writer, from, to);
    } catch (error) {
      writer.length = start;
      throw error;
    }
    return to;
  }

  #write(writer: ByteWriter, from: number, to: number): void {
    let total = 0;
    for (let row = from; row < to; row += 1) total += this.#sizes[row] as number;
    let at = writer.reserve(total);
    const target = writer.bytes;
    for (let row = from; row < to; row += 1) {
      target[at] = ROW_TOKEN;
      this.#cursors[row] = at + 1;
      at += this.#sizes[row] as number;
    }
    for (const column of this.#columns) column.write(from, to, target, this.#cursors);
  }

  #batchEnd(from: number, limit: number): number {
    const heavy = this.#columns.flatMap(({ weigh }) => weigh ?? []);
    let bytes = 0;
    for (let row = from; row < limit; row += 1) {
      for (const weigh of heavy) bytes += weigh(row);
      if (bytes >= BATCH_BYTES) return row + 1;
    }
    return limit;
  }
}
