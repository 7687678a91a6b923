/**
 * One source table, once: plan, extract, merge, reconcile, and only then the watermark. A crash before the last step repeats the
 * window; it never skips it.
 */
import type { OrchestrationContext, OrchestrationHandler, Task } from 'durable-functions';
import type { RunStamp } from '../shared/catalog/lake-paths.ts';
import type { RunMode, RunRange, StepReceipt, TableResult } from '../shared/runs/run-record.ts';
import { call, callAll, StepFailedError } from './activities.ts';
import type { RetrySettings } from './retry-policies.ts';

export interface TableRun {
  readonly run: RunStamp;
  readonly table: string;
  readonly mode: RunMode;
  readonly range: RunRange | null;
  readonly retry: RetrySettings;
}

/** Returns a `TableResult`; a failed table is a result too, so that its neighbours go on. */
export const mssqlTable: OrchestrationHandler = function* (context: OrchestrationContext) {
  const { run, table, mode, range, retry } = context.df.getInput<TableRun>();
  const steps: StepReceipt[] = [];
  let result: TableResult = {
    table,
    outcome: 'ok',
    mode,
    steps,
    version: null,
    rows: null,
    watermark: null,
    failure: null,
  };
  try {
    const plan = yield* call(context, 'plan-mssql-extract', { run, table, mode, range }, retry);
    result = { ...result, mode: plan.mode };

    const split = plan.parts.length > 1;
    const extracted = yield* callAll(
      context,
      'extract-mssql-table',
      plan.parts.map((keys, index) => ({ run, table, window: plan.window, keys, part: split ? index + 1 : null })),
      retry,
    );
    steps.push(...extracted.map(({ step }) => step));
    const files = extracted.map(({ file }) => file);

    // Nothing changed: silver stays as it is. A full load merges even nothing, because that empties or makes the table.
    if (plan.mode === 'full' || files.some(file => file.rows > 0)) {
      const merged = yield* call(
        context,
        'merge-silver-table',
        { run, table, mode: plan.mode, sequence: plan.sequence, files },
        retry,
      );
      steps.push(merged.step);
      result = { ...result, version: merged.version, rows: merged.rows };

      const checked = yield* call(
        context,
        'reconcile-silver-table',
        { table, mode: plan.mode, version: merged.version, files },
        retry,
      );
      steps.push(checked.step);
    }

    if (plan.nextWatermark !== null) {
      const moved = yield* call(
        context,
        'commit-watermark',
        { run, table, sequence: plan.sequence, to: plan.nextWatermark },
        retry,
      );
      result = { ...result, watermark: moved.watermark };
    }
    return result;
  } catch (error) {
    if (!(error instanceof StepFailedError)) throw error;
    return {
      ...result,
      outcome: 'failed',
      failure: { step: error.step, code: error.code, message: error.message },
    } satisfies TableResult;
  }
} satisfies (context: OrchestrationContext) => Generator<Task, TableResult, unknown>;
