import { bronzeTablePath } from '../../shared/catalog/lake-paths.ts';
import { extractTable } from '../../shared/sources/mssql/extract-table.ts';
import type { Services } from '../services.ts';
import { registerActivity, secondsSince } from './activity.ts';
import { sourceTable } from './source-table.ts';

export function registerExtractMssqlTable({ store, youflixSqlConnection }: Services): void {
  registerActivity('extract-mssql-table', async ({ run, table, window, keys, part }, context) => {
    const startedMs = performance.now();
    const path = bronzeTablePath(table, run, part ?? undefined);
    const file = await extractTable(
      sourceTable(table),
      { path, window, keys },
      { store, connection: youflixSqlConnection },
    );
    context.log(`extract ${table}: ${file.rows} rows, ${file.bytes} bytes to ${path}`);
    return {
      file,
      step: {
        name: 'extract',
        table,
        rowsIn: file.rows,
        rowsOut: file.rows,
        bytes: file.bytes,
        path,
        seconds: secondsSince(startedMs),
        retries: 0,
      },
    };
  });
}
