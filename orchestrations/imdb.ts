/** Use case 2: IMDb files, all new or changed data sets side by side, from the landing container through bronze to silver. */
import type { OrchestrationContext, OrchestrationHandler, Task } from 'durable-functions';
import type { StepFailure, TableResult } from '../shared/runs/run-record.ts';
import type { CopyPlan, CopyPlanRequest } from '../shared/sources/imdb/plan-copy.ts';
import { call, StepFailedError } from './activities.ts';
import { type DataSetRun, refuse } from './imdb-data-set.ts';
import type { RetrySettings } from './retry-policies.ts';
import { failedTable, finishedTable, type Run, type RunOutcome, recordedRun, runParts } from './run.ts';

/** Returns the `RunRecord`. @throws Error naming the failed data sets, after the record is kept */
export const imdb: OrchestrationHandler = function* (context: OrchestrationContext) {
  return yield* recordedRun(context, run => carryDataSets(context, run));
};

function* carryDataSets(
  context: OrchestrationContext,
  { stamp, retry, request }: Run,
): Generator<Task, RunOutcome, unknown> {
  const mode = request.mode === 'full' ? 'full' : 'incremental';
  const plan = yield* planned(context, { run: stamp, mode, dataSets: request.tables }, retry);
  if ('failure' in plan) return { tables: [failedTable('landing', mode, plan.failure)] };

  const parts = plan.copies.map(copy => {
    const input: DataSetRun = { run: stamp, mode, copy, retry };
    return { name: copy.entry.dataSet, input };
  });
  const outcomes = yield* runParts<RunOutcome>(context, 'imdb-data-set', parts, (dataSet, message) => ({
    tables: [failedTable(dataSet, mode, { step: 'imdb-data-set', code: 'orchestration', message })],
  }));
  const refused: TableResult[] = [];
  for (const refusal of plan.refusals) {
    const { file, dataSet, code, message } = refusal;
    refused.push(failedTable(dataSet ?? file.path, mode, { step: 'plan-imdb-copy', code, message }));
    yield* refuse(context, { run: stamp, refused: refusal, code, message }, retry);
  }
  const tables = [...outcomes.flatMap(outcome => outcome.tables), ...refused];
  return {
    tables: yield* withOrphans(context, tables, mode, retry),
    notes: [...plan.notes, ...outcomes.flatMap(outcome => outcome.notes ?? [])],
  };
}

function* planned(
  context: OrchestrationContext,
  request: CopyPlanRequest,
  retry: RetrySettings,
): Generator<Task, CopyPlan | { readonly failure: StepFailure }, unknown> {
  try {
    return yield* call(context, 'plan-imdb-copy', request, retry);
  } catch (error) {
    if (!(error instanceof StepFailedError)) throw error;
    return { failure: { step: error.step, code: error.code, message: error.message } };
  }
}

/** Counts the orphans of what the run touched: one more result, which says how many there are or why they could not be counted. */
function* withOrphans(
  context: OrchestrationContext,
  tables: readonly TableResult[],
  mode: TableResult['mode'],
  retry: RetrySettings,
): Generator<Task, readonly TableResult[], unknown> {
  const touched = tables.filter(({ version }) => version !== null).map(({ table }) => table);
  if (touched.length === 0) return tables;
  const table = 'imdb';
  try {
    const { step } = yield* call(context, 'count-imdb-orphans', { tables: touched }, retry);
    return [...tables, finishedTable(table, mode, [step])];
  } catch (error) {
    if (!(error instanceof StepFailedError)) throw error;
    const { step, code, message } = error;
    return [...tables, failedTable(table, mode, { step, code, message })];
  }
}
