/** Reading a source, or the bronze file made of it, back into lines. */
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { ColumnBatch } from '../../../../shared/parquet/columns.ts';
import { bronzeLine, bronzeMalformed, bronzeReason } from '../../../../shared/sources/imdb/bronze-copy.ts';
import { openSource, type SourceFormat } from '../../../../shared/sources/imdb/rows/source-table.ts';

export interface BronzeRow {
  readonly line: number;
  /** Null where the row is malformed. */
  readonly fields: readonly Buffer[] | null;
  readonly malformed: Buffer | null;
  readonly reason: string | null;
}

/** A body in pieces, cut at these places; each piece in memory of its own that is spoilt once the next is asked for. */
export async function* cut(body: Uint8Array, places: readonly number[]): AsyncIterable<Uint8Array> {
  const ends = [...places, body.length].map(place => Math.min(place, body.length)).sort((a, b) => a - b);
  let start = 0;
  for (const end of ends) {
    const chunk = new Uint8Array(body.subarray(start, end));
    yield chunk;
    chunk.fill(0xee);
    start = end;
  }
}

export interface ReadSource {
  readonly columns: readonly string[];
  readonly newline: string;
  readonly byteOrderMark: boolean;
  readonly rows: readonly BronzeRow[];
  readonly counts: { readonly lines: number; readonly malformedLines: number; readonly rows: number };
}

export async function readSource(
  chunks: AsyncIterable<Uint8Array>,
  format: SourceFormat,
  maxLineBytes?: number,
): Promise<ReadSource> {
  const source = await openSource(chunks, format, {
    archive: 'archive x',
    ...(maxLineBytes === undefined ? {} : { maxLineBytes }),
  });
  const rows: BronzeRow[] = [];
  for await (const batch of source.batches()) rows.push(...rowsOf(batch, source.columns.length));
  return { ...source, rows };
}

function rowsOf({ rows, columns }: ColumnBatch, fieldCount: number): BronzeRow[] {
  const value = (column: number, row: number): Buffer | null => {
    const values = columns[column];
    if (values === undefined || 'integers' in values) throw new Error(`column ${column} has no bytes`);
    if (values.validity !== undefined && !((values.validity[row >> 3] ?? 0) & (1 << (row & 7)))) return null;
    return Buffer.from(values.bytes.slice(values.offsets[row], values.offsets[row + 1]));
  };
  return Array.from({ length: rows }, (_, row) => {
    const fields = Array.from({ length: fieldCount }, (_, column) => value(column, row));
    const lines = columns[fieldCount];
    if (lines === undefined || !('integers' in lines)) throw new Error('no line numbers');
    return {
      line: Number(lines.integers[row]),
      fields: fields.includes(null) ? null : (fields as Buffer[]),
      malformed: value(fieldCount + 1, row),
      reason: value(fieldCount + 2, row)?.toString() ?? null,
    };
  });
}

/** The rows of a Parquet file, read by a reader that nobody here wrote. */
export async function readBronze(localFile: string, columns: readonly string[]): Promise<readonly BronzeRow[]> {
  const file = await asyncBufferFromFile(localFile);
  // Text as its bytes: the reader's decoder would swallow a byte-order mark.
  const parsers = { stringFromBytes: (bytes: Uint8Array) => Buffer.from(bytes) };
  const rows = await parquetReadObjects({ file, compressors, parsers, utf8: false });
  const bytes = (value: Uint8Array | null): Buffer | null => (value === null ? null : Buffer.from(value));
  return rows.map(row => {
    const fields = columns.map(name => bytes(row[name]));
    return {
      line: Number(row[bronzeLine]),
      fields: fields.includes(null) ? null : (fields as Buffer[]),
      malformed: bytes(row[bronzeMalformed]),
      reason: bytes(row[bronzeReason])?.toString() ?? null,
    };
  });
}
