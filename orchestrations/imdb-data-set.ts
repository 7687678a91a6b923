/**
 * One IMDb data set, once: copy to bronze, flatten to silver, and only then the ledger. A crash before the last step repeats the
 * delivery; silver then finds nothing to change.
 */
import type { OrchestrationContext, OrchestrationHandler, Task } from 'durable-functions';
import type { RunStamp } from '../shared/catalog/lake-paths.ts';
import type { StepReceipt, TableResult } from '../shared/runs/run-record.ts';
import type { CopyPlanRequest, PlannedCopy } from '../shared/sources/imdb/plan-copy.ts';
import { type Activities, call, StepFailedError } from './activities.ts';
import type { RetrySettings } from './retry-policies.ts';
import { finishedTable, type RunOutcome } from './run.ts';

export interface DataSetRun {
  readonly run: RunStamp;
  readonly mode: CopyPlanRequest['mode'];
  readonly copy: PlannedCopy;
  readonly retry: RetrySettings;
}

/** A file that is replaced faster than it can be read is given up; its next event or the next schedule brings it. */
const copyAttempts = 3;

/** Returns a `RunOutcome`: a result for the data set, then one per silver table. A failed data set is a result too. */
export const imdbDataSet: OrchestrationHandler = function* (context: OrchestrationContext) {
  const input = context.df.getInput<DataSetRun>();
  const { run, mode, retry } = input;
  const steps: StepReceipt[] = [];
  let copy = input.copy;
  const result = finishedTable(copy.entry.dataSet, mode, steps);
  try {
    const copied = yield* copyNewest(context, input, newer => {
      copy = newer;
    });
    steps.push(copied.step);

    const { bronze, sha256 } = copied;
    const flattened = yield* call(context, 'flatten-imdb-data-set', { copy, mode, bronze }, retry);
    steps.push(flattened.checks);
    const tables = flattened.tables.map(({ table, version, rows, step }) => {
      return { ...result, table, steps: [step], version, rows } satisfies TableResult;
    });

    yield* call(context, 'commit-imdb-delivery', { run, copy, bronze, sha256 }, retry);
    return { tables: [result, ...tables], notes: flattened.notes } satisfies RunOutcome;
  } catch (error) {
    if (!(error instanceof StepFailedError)) throw error;
    const { step, code, message } = error;
    const failed: TableResult = { ...result, outcome: 'failed', failure: { step, code, message } };
    yield* refuse(context, { run, refused: copy, code, message }, retry);
    return { tables: [failed] } satisfies RunOutcome;
  }
} satisfies (context: OrchestrationContext) => Generator<Task, RunOutcome, unknown>;

/** Notes a refusal. Where that fails, the next run meets the file again and fails again: the refusal itself is the one to report. */
export function* refuse(
  context: OrchestrationContext,
  refusal: Activities['refuse-imdb-delivery']['input'],
  retry: RetrySettings,
): Generator<Task, void, unknown> {
  try {
    yield* call(context, 'refuse-imdb-delivery', refusal, retry);
  } catch (error) {
    if (!(error instanceof StepFailedError)) throw error;
  }
}

/** A file that was replaced while it was read is planned and read again. */
function* copyNewest(
  context: OrchestrationContext,
  { run, mode, retry, ...input }: DataSetRun,
  replaced: (copy: PlannedCopy) => void,
): Generator<Task, Activities['copy-imdb-data-set']['output'], unknown> {
  let { copy } = input;
  for (let attempt = 1; ; attempt++) {
    try {
      return yield* call(context, 'copy-imdb-data-set', { run, copy }, retry);
    } catch (error) {
      if (!(error instanceof StepFailedError) || error.code !== 'source-changed' || attempt === copyAttempts)
        throw error;
      const { dataSet } = copy.entry;
      const plan = yield* call(context, 'plan-imdb-copy', { run, mode, dataSets: [dataSet] }, retry);
      const [newer] = plan.copies;
      if (newer === undefined) throw error;
      copy = newer;
      replaced(newer);
    }
  }
}
