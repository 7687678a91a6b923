import { bronzeTablePath } from '../../shared/catalog/lake-paths.ts';
import { extractTable } from '../../shared/sources/mssql/extract-table.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';
import { sourceTable } from './source-table.ts';
import { measuredStep } from './step.ts';

export function registerExtractMssqlTable({ store, youflixSqlConnection }: Services): void {
  registerActivity('extract-mssql-table', async ({ run, table, window, keys, part }, context) => {
    const path = bronzeTablePath(table, run, part ?? undefined);
    const { result: file, step } = await measuredStep(
      'extract',
      table,
      () => extractTable(sourceTable(table), { path, window, keys }, { store, connection: youflixSqlConnection }),
      ({ rows, bytes }) => ({ rowsIn: rows, rowsOut: rows, bytes, path }),
    );
    context.log(`extract ${table}: ${file.rows} rows, ${file.bytes} bytes to ${path}`);
    return { file, step };
  });
}
