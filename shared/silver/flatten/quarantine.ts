/** The lines that silver cannot take, as a Parquet file in the lake: whence each came, what is wrong with it, and all of it. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeltaEngine } from '../../delta/engine.ts';
import { sqlText } from '../../duckdb/session.ts';
import type { BronzeDataSet } from './bronze-data-set.ts';
import { misfitReasons } from './field-checks.ts';
import type { LineSelection } from './line-selection.ts';

/** The landing file that the lines were delivered in. */
export interface QuarantineSource {
  readonly path: string;
  /** Name of the entry where the file is a zip. */
  readonly entry: string | null;
}

export interface QuarantineRequest {
  readonly source: QuarantineSource;
  readonly bronzePath: string;
  /** Where the file goes in the lake. */
  readonly path: string;
}

export interface QuarantineReceipt {
  /** Null where no line was set aside. */
  readonly path: string | null;
  /** Rows of the file: one per line, more where bronze keeps a line in pieces. */
  readonly rows: number;
  readonly bytes: number;
}

/** Longer ones are cut: a line that bronze keeps in pieces of megabytes would not fit into the memory that is there. */
const maxMalformedBytes = 64 * 1024;

/**
 * Columns: `source` and `entry` (the landing file), `bronze` and `bronze_row` (its Parquet file and the row there, from 0; a long line
 * has several, in its order), `line`, `reasons`, `row` (the fields as a JSON object; NULL where the line is malformed) and `malformed`
 * (its bytes, of a row in bronze the first 64 KiB; NULL where its fields are in `row`). Rows are in no order.
 */
export async function writeQuarantine(
  { source, bronzePath, path }: QuarantineRequest,
  bronze: BronzeDataSet,
  { rejects, rejectedRows, fields }: LineSelection,
  { store, duckdb, scratch }: DeltaEngine,
): Promise<QuarantineReceipt> {
  if (rejectedRows === 0) return { path: null, rows: 0, bytes: 0 };
  const entry = source.entry === null ? 'CAST(NULL AS VARCHAR)' : sqlText(source.entry);
  const members = bronze.fields.map(({ name, column }) => `${sqlText(name)}, ${column}`);
  await mkdir(scratch, { recursive: true });
  const local = join(scratch, `${randomUUID()}.parquet`);
  try {
    await duckdb.run(
      `COPY (
         SELECT ${sqlText(source.path)} AS source, ${entry} AS entry, ${sqlText(bronzePath)} AS bronze, row AS bronze_row, line,
                coalesce(reason, ${misfitReasons(fields)}) AS reasons,
                CASE WHEN malformed IS NULL THEN CAST(json_object(${members}) AS VARCHAR) END AS row,
                malformed[1:${maxMalformedBytes}] AS malformed
         FROM ${bronze.relation} WHERE ${rejects}
       ) TO ${sqlText(local)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    const { bytes } = await store.upload(local, path);
    return { path, rows: rejectedRows, bytes };
  } finally {
    await rm(local, { force: true });
  }
}
