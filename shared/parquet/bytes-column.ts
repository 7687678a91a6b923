/** A column of text or bytes that grows value by value, in memory that is used again. */
import type { VariableLengthValues } from './columns.ts';

/**
 * Value `row` is `bytes[offsets[row]]` to `bytes[offsets[row + 1]]`. Whoever must be fast reserves room and writes both by hand,
 * row after row; the rest calls `append`.
 */
export class BytesColumn {
  bytes = new Uint8Array(0);
  readonly offsets: Int32Array<ArrayBuffer>;

  /** Room for so many values. */
  constructor(rows: number) {
    this.offsets = new Int32Array(rows + 1);
  }

  /** Makes room for so many bytes from value `row` on. */
  reserve(row: number, bytes: number): void {
    const filled = this.offsets[row] as number;
    if (filled + bytes <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(filled + bytes, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, filled));
    this.bytes = larger;
  }

  append(row: number, value: Uint8Array): void {
    this.reserve(row, value.length);
    const start = this.offsets[row] as number;
    this.bytes.set(value, start);
    this.offsets[row + 1] = start + value.length;
  }

  /** The first `rows` values, without copying them. */
  values(rows: number): VariableLengthValues {
    return { offsets: this.offsets.subarray(0, rows + 1), bytes: this.bytes };
  }
}
