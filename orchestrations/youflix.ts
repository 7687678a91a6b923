/** Use case 1: the platform database, all its tables side by side, from SQL Server through bronze to silver. */
import type { OrchestrationContext, OrchestrationHandler } from 'durable-functions';
import type { RunRecord, RunRequest, TableResult } from '../shared/runs/run-record.ts';
import { call } from './activities.ts';
import type { TableRun } from './mssql-table.ts';
import type { RetrySettings } from './retry-policies.ts';

export interface YouflixRun {
  readonly request: RunRequest;
  readonly startedAt: string;
  readonly retry: RetrySettings;
}

/** The instance id of a table's own orchestration; cancelling a run ends these too. */
export function tableInstanceId(runId: string, table: string): string {
  return `${runId}:${table}`;
}

/** Returns the `RunRecord`. @throws Error naming the failed tables, after the record is kept */
export const youflix: OrchestrationHandler = function* (context: OrchestrationContext) {
  const { request, startedAt, retry } = context.df.getInput<YouflixRun>();
  const runId = context.df.instanceId;
  const run = { runId, startedAt };
  const started: RunRecord = {
    ...run,
    pipeline: request.pipeline,
    mode: request.mode,
    status: 'Running',
    endedAt: null,
    request,
    tables: [],
  };
  yield* call(context, 'record-run', started, retry);

  const tables = (yield context.df.Task.all(
    request.tables.map(table => {
      const input: TableRun = { run, table, mode: request.mode, range: request.range, retry };
      return context.df.callSubOrchestrator('mssql-table', input, tableInstanceId(runId, table));
    }),
  )) as TableResult[];

  const failed = tables.filter(table => table.outcome === 'failed');
  const ended: RunRecord = {
    ...started,
    status: failed.length === 0 ? 'Completed' : 'Failed',
    endedAt: context.df.currentUtcDateTime.toISOString(),
    tables,
  };
  yield* call(context, 'record-run', ended, retry);
  if (failed.length > 0) {
    const causes = failed.map(({ table, failure }) => `${table}: ${failure?.step}: ${failure?.message}`);
    throw new Error(`${failed.length} of ${tables.length} tables failed: ${causes.join('; ')}`);
  }
  return ended;
};
