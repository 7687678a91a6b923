/** The frame of every pipeline's run: its record is kept first and last, its parts run side by side, and a failed part fails the run. */
import type { OrchestrationContext, Task } from 'durable-functions';
import type { RunStamp } from '../shared/catalog/lake-paths.ts';
import type { RunMode, RunRecord, RunRequest, StepReceipt, TableResult } from '../shared/runs/run-record.ts';
import { call } from './activities.ts';
import type { RetrySettings } from './retry-policies.ts';

/** What a pipeline's orchestrator is started with. */
export interface RunInput {
  readonly request: RunRequest;
  readonly startedAt: string;
  readonly retry: RetrySettings;
}

/** A run at work. */
export interface Run {
  readonly stamp: RunStamp;
  readonly request: RunRequest;
  readonly retry: RetrySettings;
}

export interface RunOutcome {
  readonly tables: readonly TableResult[];
  readonly notes?: readonly string[];
}

/** The instance id of a part's own orchestration; cancelling a run ends these too. */
export function partInstanceId(runId: string, part: string): string {
  return `${runId}:${part}`;
}

/** Does the work between the first and the last word of the run's record. @throws Error naming the failed tables, after the record is kept */
export function* recordedRun(
  context: OrchestrationContext,
  work: (run: Run) => Generator<Task, RunOutcome, unknown>,
): Generator<Task, RunRecord, unknown> {
  const { request, startedAt, retry } = context.df.getInput<RunInput>();
  const stamp = { runId: context.df.instanceId, startedAt };
  const started: RunRecord = {
    ...stamp,
    pipeline: request.pipeline,
    mode: request.mode,
    status: 'Running',
    endedAt: null,
    request,
    tables: [],
  };
  yield* call(context, 'record-run', started, retry);

  const outcome = yield* work({ stamp, request, retry });

  const failed = outcome.tables.filter(table => table.outcome === 'failed');
  const ended: RunRecord = {
    ...started,
    ...outcome,
    status: failed.length === 0 ? 'Completed' : 'Failed',
    endedAt: context.df.currentUtcDateTime.toISOString(),
  };
  yield* call(context, 'record-run', ended, retry);
  if (failed.length > 0) {
    const causes = failed.map(({ table, failure }) => `${table}: ${failure?.step}: ${failure?.message}`);
    throw new Error(`${failed.length} of ${outcome.tables.length} tables failed: ${causes.join('; ')}`);
  }
  return ended;
}

export interface Part {
  readonly name: string;
  readonly input: unknown;
}

/** Runs an orchestrator per part, side by side. Each gives what it returned; one that broke off gives a failed result in its place. */
export function* runParts<Output>(
  context: OrchestrationContext,
  orchestrator: string,
  parts: readonly Part[],
  failed: (part: string, message: string) => Output,
): Generator<Task, Output[], unknown> {
  if (parts.length === 0) return [];
  const tasks = parts.map(({ name, input }) =>
    context.df.callSubOrchestrator(orchestrator, input, partInstanceId(context.df.instanceId, name)),
  );
  try {
    yield context.df.Task.all(tasks);
  } catch {
    // A part that failed is a result. Here an orchestration broke off, and `all` does not wait for the others: each task tells.
  }
  return parts.map(({ name }, index) => {
    const task = tasks[index];
    if (task?.isCompleted) return task.result as Output;
    const message = task?.isFaulted
      ? (task.result as Error).message
      : 'still under way when the orchestration of another table broke off';
    return failed(name, message);
  });
}

/** The result of a table that went its way; its version and rows are for those who know them to add. */
export function finishedTable(table: string, mode: RunMode, steps: readonly StepReceipt[]): TableResult {
  return { table, outcome: 'ok', mode, steps, version: null, rows: null, watermark: null, failure: null };
}

/** The result of a table of which nothing is known but why it failed. */
export function failedTable(table: string, mode: RunMode, failure: NonNullable<TableResult['failure']>): TableResult {
  return { ...finishedTable(table, mode, []), outcome: 'failed', failure };
}
