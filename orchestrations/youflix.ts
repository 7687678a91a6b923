/** Use case 1: the platform database, all its tables side by side, from SQL Server through bronze to silver. */
import type { OrchestrationContext, OrchestrationHandler } from 'durable-functions';
import type { TableRun } from './mssql-table.ts';
import { failedTable, recordedRun, runParts } from './run.ts';

/** Returns the `RunRecord`. @throws Error naming the failed tables, after the record is kept */
export const youflix: OrchestrationHandler = function* (context: OrchestrationContext) {
  return yield* recordedRun(context, function* ({ stamp, request: { mode, range, tables }, retry }) {
    const parts = tables.map(table => {
      const input: TableRun = { run: stamp, table, mode, range, retry };
      return { name: table, input };
    });
    const failed = (table: string, message: string) =>
      failedTable(table, mode, { step: 'mssql-table', code: 'orchestration', message });
    return { tables: yield* runParts(context, 'mssql-table', parts, failed) };
  });
};
