/** Use case 1: the platform database, all its tables side by side, from SQL Server through bronze to silver. */
import type { OrchestrationContext, OrchestrationHandler, Task } from 'durable-functions';
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

  const tasks = request.tables.map(table => {
    const input: TableRun = { run, table, mode: request.mode, range: request.range, retry };
    return context.df.callSubOrchestrator('mssql-table', input, tableInstanceId(runId, table));
  });
  try {
    yield context.df.Task.all(tasks);
  } catch {
    // A table that failed is a result. Here an orchestration broke off, and `all` does not wait for the others: each task tells.
  }
  const tables = request.tables.map((table, index) => resultOf(tasks[index], table, request.mode));

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

function resultOf(task: Task | undefined, table: string, mode: RunRequest['mode']): TableResult {
  if (task?.isCompleted) return task.result as TableResult;
  const message = task?.isFaulted
    ? (task.result as Error).message
    : 'still under way when the orchestration of another table broke off';
  const failure = { step: 'mssql-table', code: 'orchestration', message };
  return { table, outcome: 'failed', mode, steps: [], version: null, rows: null, watermark: null, failure };
}
