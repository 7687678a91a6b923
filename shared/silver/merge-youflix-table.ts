/** Bronze CSV of one run into the silver Delta table: everything after a full load, the changes by key otherwise. */

import { silverTablePath } from '../catalog/lake-paths.ts';
import type { SourceTable } from '../catalog/types.ts';
import type { DeltaEngine } from '../delta/engine.ts';
import { mergeIntoTable } from '../delta/merge.ts';
import { overwriteTable } from '../delta/write.ts';
import { PermanentError } from '../errors.ts';
import type { RunMode } from '../runs/run-record.ts';
import type { BronzeFile } from '../sources/mssql/extract-table.ts';
import { fetchBronze } from './bronze-files.ts';
import { bronzeRows, silverSchema, versionColumn } from './bronze-rows.ts';

export interface MergeRequest {
  readonly mode: RunMode;
  /** The run's sequence number for this table: a repeated merge commits nothing, an overtaken one neither. */
  readonly sequence: number;
  readonly files: readonly BronzeFile[];
}

export interface MergeReceipt {
  readonly path: string;
  readonly version: number;
  /** Rows of the table after it. */
  readonly rows: number;
  readonly rowsIn: number;
  /** Rows that the commit inserted, updated or removed. */
  readonly rowsChanged: number;
  readonly bytes: number;
}

/**
 * @throws PermanentError `bronze-changed`, `bronze-rows` when bronze is not what the extract wrote; else as the Delta writer
 */
export async function mergeYouflixTable(
  table: SourceTable,
  request: MergeRequest,
  engine: DeltaEngine,
): Promise<MergeReceipt> {
  const local = await fetchBronze(request.files, { store: engine.store, folder: engine.scratch });
  const rowsIn = request.files.reduce((sum, file) => sum + file.rows, 0);
  const rows = bronzeRows(table, local);
  const [counted] = await engine.duckdb.rows(`SELECT count(*) AS total FROM (${rows})`);
  if (Number(counted?.['total']) !== rowsIn) {
    const paths = request.files.map(file => file.path).join(', ');
    throw new PermanentError(
      `${paths}: expected ${rowsIn} rows as extracted, read ${String(counted?.['total'])}; nothing was merged`,
      {
        code: 'bronze-rows',
      },
    );
  }
  const path = silverTablePath('youflix', table.name);
  const write = {
    table: path,
    schema: silverSchema(table),
    description: table.description,
    source: `(${rows})`,
    txn: { appId: `youflix/${table.name}`, version: request.sequence },
  };
  if (request.mode === 'full') {
    const result = await overwriteTable({ ...write, orderBy: table.key }, engine);
    return {
      path,
      version: result.version,
      rows: result.rows,
      rowsIn,
      rowsChanged: result.rows,
      bytes: result.bytesWritten,
    };
  }
  const result = await mergeIntoTable({ ...write, key: table.key, versionColumn: versionColumn(table) }, engine);
  const rowsChanged = result.inserted + result.updated + result.deleted;
  return { path, version: result.version, rows: result.rows, rowsIn, rowsChanged, bytes: result.bytesWritten };
}
