/** One TMDB list, once: its pages to bronze, and an event about them into the outbox. The pages are durable before anybody hears of them. */
import type { OrchestrationContext, OrchestrationHandler, Task } from 'durable-functions';
import type { RunStamp } from '../shared/catalog/lake-paths.ts';
import type { TableResult } from '../shared/runs/run-record.ts';
import { call, StepFailedError } from './activities.ts';
import type { RetrySettings } from './retry-policies.ts';
import { failedTable, finishedTable, type RunOutcome } from './run.ts';

export interface ListRun {
  readonly run: RunStamp;
  readonly mode: TableResult['mode'];
  readonly list: string;
  readonly retry: RetrySettings;
}

/** Returns a `RunOutcome`; a failed list is a result too, so that its neighbours go on. */
export const tmdbList: OrchestrationHandler = function* (context: OrchestrationContext) {
  const { run, mode, list, retry } = context.df.getInput<ListRun>();
  try {
    const { landed, step } = yield* call(context, 'ingest-tmdb-list', { run, list }, retry);
    yield* call(context, 'queue-tmdb-event', { landed }, retry);
    const rejected = landed.rejected.map(
      ({ page, reasons }) => `${list}, page ${page} is in quarantine: ${reasons.join('; ')}`,
    );
    const notes = landed.notes.map(note => `${list}: ${note}`);
    return { tables: [finishedTable(list, mode, [step])], notes: [...rejected, ...notes] } satisfies RunOutcome;
  } catch (error) {
    if (!(error instanceof StepFailedError)) throw error;
    const { step, code, message } = error;
    return { tables: [failedTable(list, mode, { step, code, message })] } satisfies RunOutcome;
  }
} satisfies (context: OrchestrationContext) => Generator<Task, RunOutcome, unknown>;
