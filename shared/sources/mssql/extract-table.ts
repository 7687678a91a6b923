/** One table, one window, one CSV: SQL Server to bronze as it is, streamed, with the proof that nothing went missing on the way. */
import { crc32 } from 'node:zlib';
import type { SourceTable } from '../../catalog/types.ts';
import { ConflictError } from '../../errors.ts';
import { csvEncoder } from '../../formats/csv.ts';
import type { LakeStore } from '../../storage/store.ts';
import { exactExpression } from './column-types.ts';
import { inSnapshot } from './database.ts';
import { extractStatements } from './extract-plan.ts';
import type { KeyRange, WatermarkWindow } from './window.ts';

export interface BronzeFile {
  readonly path: string;
  /** Data rows, the header not counted. */
  readonly rows: number;
  readonly bytes: number;
  /** CRC-32 of the whole file, so that the merge knows it reads what the extract wrote. */
  readonly crc32: number;
}

export interface ExtractRequest {
  readonly path: string;
  readonly window: WatermarkWindow;
  readonly keys: KeyRange;
}

/**
 * Writes the CSV and returns its receipt. Count and rows come from one snapshot, so they must agree.
 * Safe to repeat: the path is given, and a second copy replaces the first as a whole.
 *
 * @throws ConflictError `rows-differ` when the server sent another number of rows than it counted; else as database and store
 */
export async function extractTable(
  table: SourceTable,
  request: ExtractRequest,
  { store, connection }: { readonly store: LakeStore; readonly connection: string },
): Promise<BronzeFile> {
  const select = table.columns.map(exactExpression);
  const statements = extractStatements(table, request.window, request.keys, select);
  return inSnapshot(connection, async session => {
    const [counted] = await session.rows(`count of ${table.name}`, statements.count, statements.parameters);
    const expected = Number(counted?.['total'] ?? 0);
    const receipt = { rows: 0, crc32: 0 };
    const encoder = csvEncoder(table.columns.map(column => column.name));
    const noted = (chunk: Uint8Array): Uint8Array => {
      receipt.crc32 = crc32(chunk, receipt.crc32);
      return chunk;
    };
    async function* chunks(): AsyncIterable<Uint8Array> {
      yield noted(encoder.header());
      const what = `extract of ${table.name}`;
      const encoded = session.stream(what, statements.rows, statements.parameters, rows => {
        receipt.rows += rows.length;
        return encoder.encode(rows);
      });
      for await (const chunk of encoded) yield noted(chunk);
      // Checked before the file is published: a short answer must not become bronze.
      if (receipt.rows !== expected) {
        throw new ConflictError(
          `extract of ${table.name}: the source counted ${expected} rows in the window but sent ${receipt.rows}; nothing was written, run again`,
          { code: 'rows-differ' },
        );
      }
    }
    const written = await store.write(request.path, chunks());
    return { path: request.path, rows: receipt.rows, bytes: written.bytes, crc32: receipt.crc32 };
  });
}
