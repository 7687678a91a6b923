/** Use case 3, second half: one list that landed, from bronze to silver. Started by the event; its instance id comes from the event's. */
import type { OrchestrationContext, OrchestrationHandler } from 'durable-functions';
import type { ListLanded } from '../shared/events/list-landed.ts';
import { call, StepFailedError } from './activities.ts';
import { failedTable, finishedTable, type RunInput, type RunOutcome, recordedRun } from './run.ts';

export interface TransformRun extends RunInput {
  readonly landed: ListLanded;
  /** When the event that started it was sent; ISO 8601. */
  readonly sentat: string;
}

/** Returns the `RunRecord`. @throws Error with the cause, after the record is kept */
export const tmdbTransform: OrchestrationHandler = function* (context: OrchestrationContext) {
  const { landed } = context.df.getInput<TransformRun>();
  return yield* recordedRun(context, function* ({ request: { mode }, retry }) {
    try {
      const { outcome, tables } = yield* call(context, 'transform-tmdb-list', { landed }, retry);
      const notes =
        outcome === 'replaced'
          ? []
          : [
              `${landed.list} of ${landed.date}: silver has the ${outcome === 'same' ? 'very landing' : 'result of a later landing'} already`,
            ];
      return {
        tables: tables.map(({ table, rows, step }) => ({ ...finishedTable(table, mode, [step]), rows })),
        notes,
      } satisfies RunOutcome;
    } catch (error) {
      if (!(error instanceof StepFailedError)) throw error;
      const { step, code, message } = error;
      return { tables: [failedTable(landed.list, mode, { step, code, message })] };
    }
  });
};
