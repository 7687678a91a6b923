/** Rows of a bronze file on their way into Parquet: columns of bytes that grow row by row. */
import { BytesColumn } from '../../../parquet/bytes-column.ts';
import type { ColumnBatch, ParquetColumn, VariableLengthValues } from '../../../parquet/columns.ts';
import { bronzeLine, bronzeMalformed, bronzeReason } from '../bronze-copy.ts';

/** A quarter of a row group. */
const maxRows = 30_720;
/** So that long fields do not make a batch large. */
const maxBytes = 8 * 1024 * 1024;

const none = new Uint8Array(0);

/** The columns of a bronze file whose source has these, as Parquet stores them. */
export function bronzeColumns(header: readonly string[]): readonly ParquetColumn[] {
  const fields = header.map(
    // The first column is the title or person of the row: hardly ever twice the same, and what readers look for.
    (name, index): ParquetColumn =>
      index === 0
        ? { name, type: 'text', nullable: true, encoding: 'plain', statistics: true }
        : { name, type: 'text', nullable: true, encoding: 'dictionary', statistics: false },
  );
  return [
    ...fields,
    { name: bronzeLine, type: 'int64', nullable: false, encoding: 'delta', statistics: true },
    { name: bronzeMalformed, type: 'bytes', nullable: true, encoding: 'plain', statistics: false },
    { name: bronzeReason, type: 'text', nullable: true, encoding: 'dictionary', statistics: false },
  ];
}

interface MalformedRow {
  readonly row: number;
  readonly bytes: Uint8Array;
  readonly reason: Uint8Array;
}

/** Collects rows, good and malformed, until it is full; then its columns are taken and it is cleared. */
export class BronzeBatch {
  /** Who adds a good row writes its values here, as value `rows` of each column, and then calls `endRow`. */
  readonly fields: readonly BytesColumn[];
  rows = 0;
  /** Line numbers as two words each, low word first: a bigint per row would cost more than its line does. */
  readonly #lines = new Uint32Array(2 * maxRows);
  #malformed: MalformedRow[] = [];
  #bytes = 0;

  constructor(fields: number) {
    this.fields = Array.from({ length: fields }, () => new BytesColumn(maxRows));
  }

  get isFull(): boolean {
    return this.rows === maxRows || this.#bytes >= maxBytes;
  }

  /** Makes room in every field for rows that have `bytes` bytes together. */
  reserve(bytes: number): void {
    for (const field of this.fields) field.reserve(this.rows, bytes);
    this.#bytes += bytes;
  }

  /** Writes one field of the next row. */
  append(field: number, value: Uint8Array): void {
    this.fields[field]?.append(this.rows, value);
    this.#bytes += value.length;
  }

  endRow(line: number): void {
    this.#lines[2 * this.rows] = line;
    this.#lines[2 * this.rows + 1] = line / 2 ** 32;
    this.rows += 1;
  }

  /** A row without fields: what was written of them is forgotten. The bytes are copied. */
  addMalformed(line: number, bytes: Uint8Array, reason: string): void {
    for (const field of this.fields) field.append(this.rows, none);
    // Not `slice`, which of a Buffer copies nothing.
    this.#malformed.push({ row: this.rows, bytes: new Uint8Array(bytes), reason: Buffer.from(reason) });
    this.#bytes += bytes.length;
    this.endRow(line);
  }

  /** What was collected, good until `clear`. */
  columns(): ColumnBatch {
    const { rows } = this;
    const malformedBits = new Uint8Array(Math.ceil(rows / 8));
    for (const { row } of this.#malformed) malformedBits[row >> 3] = (malformedBits[row >> 3] ?? 0) | (1 << (row & 7));
    const goodBits = malformedBits.map(bits => ~bits);
    const lines = { integers: new BigInt64Array(this.#lines.buffer, 0, rows) };
    return {
      rows,
      columns: [
        ...this.fields.map(field => ({ ...field.values(rows), validity: goodBits })),
        lines,
        { ...this.#ofMalformed('bytes'), validity: malformedBits },
        { ...this.#ofMalformed('reason'), validity: malformedBits },
      ],
    };
  }

  clear(): void {
    this.rows = 0;
    this.#malformed = [];
    this.#bytes = 0;
  }

  /** A column that has values in malformed rows only. */
  #ofMalformed(part: 'bytes' | 'reason'): VariableLengthValues {
    const offsets = new Int32Array(this.rows + 1);
    let end = 0;
    for (const malformed of this.#malformed) {
      end += malformed[part].length;
      offsets[malformed.row + 1] = end;
    }
    // Rows in between are empty: each ends where the one before it ended.
    if (end > 0) for (let row = 0; row < this.rows; row += 1) offsets[row + 1] ||= offsets[row] ?? 0;
    return {
      offsets,
      bytes: joined(
        this.#malformed.map(malformed => malformed[part]),
        end,
      ),
    };
  }
}

function joined(values: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const value of values) {
    bytes.set(value, at);
    at += value.length;
  }
  return bytes;
}
