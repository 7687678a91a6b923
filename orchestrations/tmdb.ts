/**
 * Use case 3, first half: movie lists from TMDB to bronze, side by side, and an event for each. What is done with them is the business of
 * whoever hears the event: `tmdb-transform` here, in Azure a Synapse pipeline beside it.
 */
import type { OrchestrationContext, OrchestrationHandler, Task } from 'durable-functions';
import type { TableResult } from '../shared/runs/run-record.ts';
import { call, StepFailedError } from './activities.ts';
import { failedTable, finishedTable, type Run, type RunOutcome, recordedRun, runParts } from './run.ts';
import type { ListRun } from './tmdb-list.ts';

/** Returns the `RunRecord`. @throws Error naming the failed lists, after the record is kept */
export const tmdb: OrchestrationHandler = function* (context: OrchestrationContext) {
  return yield* recordedRun(context, run => landLists(context, run));
};

function* landLists(context: OrchestrationContext, run: Run): Generator<Task, RunOutcome, unknown> {
  const { stamp, retry, request } = run;
  const { mode } = request;
  // First what an earlier run queued and could not send any more.
  const overdue = yield* published(context, run, 'overdue events');
  const lookups = yield* landedLookups(context, run);
  const parts = request.tables.map(list => {
    const input: ListRun = { run: stamp, mode, list, retry };
    return { name: list, input };
  });
  const outcomes = yield* runParts<RunOutcome>(context, 'tmdb-list', parts, (list, message) => ({
    tables: [failedTable(list, mode, { step: 'tmdb-list', code: 'orchestration', message })],
  }));
  const sent = yield* published(context, run, 'events');
  return {
    tables: [...overdue, ...lookups, ...outcomes.flatMap(({ tables }) => tables), ...sent],
    notes: outcomes.flatMap(({ notes }) => notes ?? []),
  };
}

/** The lookups explain what the lists say in numbers. Without them the lists go on. */
function* landedLookups(
  context: OrchestrationContext,
  { stamp, retry, request: { mode } }: Run,
): Generator<Task, TableResult[], unknown> {
  try {
    const { steps } = yield* call(context, 'ingest-tmdb-lookups', { run: stamp }, retry);
    return steps.map(step => finishedTable(step.table, mode, [step]));
  } catch (error) {
    if (!(error instanceof StepFailedError)) throw error;
    const { step, code, message } = error;
    return [failedTable('lookups', mode, { step, code, message })];
  }
}

/** Sends what is in the outbox; nothing to say where there is nothing to send. */
function* published(
  context: OrchestrationContext,
  { retry, request: { pipeline, mode } }: Run,
  name: string,
): Generator<Task, TableResult[], unknown> {
  try {
    const { step, report } = yield* call(context, 'publish-events', { pipeline }, retry);
    const refused = report.refused.map(({ id, code, message }) =>
      failedTable(id, mode, { step: 'publish-events', code, message }),
    );
    const sent = report.published.length === 0 ? [] : [finishedTable(name, mode, [{ ...step, table: name }])];
    return [...sent, ...refused];
  } catch (error) {
    if (!(error instanceof StepFailedError)) throw error;
    const { step, code, message } = error;
    return [failedTable(name, mode, { step, code, message })];
  }
}
