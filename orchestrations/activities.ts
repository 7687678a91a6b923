/** The contract between orchestrators and activities: each activity's name, input and output. Plain JSON only. */
import type { OrchestrationContext, Task } from 'durable-functions';
import type { RunStamp } from '../shared/catalog/lake-paths.ts';
import type { ListLanded } from '../shared/events/list-landed.ts';
import type { PublishReport } from '../shared/events/outbox.ts';
import type { RunMode, RunRange, RunRecord, StepReceipt } from '../shared/runs/run-record.ts';
import type { BronzeCopy } from '../shared/sources/imdb/bronze-copy.ts';
import type { CopyPlan, CopyPlanRequest, PlannedCopy, PlannedRefusal } from '../shared/sources/imdb/plan-copy.ts';
import type { ExtractPlan } from '../shared/sources/mssql/extract-plan.ts';
import type { BronzeFile } from '../shared/sources/mssql/extract-table.ts';
import type { KeyRange, WatermarkWindow } from '../shared/sources/mssql/window.ts';
import type { LandedList } from '../shared/sources/tmdb/landed-list.ts';
import { type RetrySettings, transientRetry } from './retry-policies.ts';

export interface Activities {
  'plan-mssql-extract': {
    input: { run: RunStamp; table: string; mode: RunMode; range: RunRange | null };
    output: ExtractPlan;
  };
  'extract-mssql-table': {
    input: { run: RunStamp; table: string; window: WatermarkWindow; keys: KeyRange; part: number | null };
    output: { file: BronzeFile; step: StepReceipt };
  };
  'merge-silver-table': {
    input: { run: RunStamp; table: string; mode: RunMode; sequence: number; files: readonly BronzeFile[] };
    output: { step: StepReceipt; version: number; rows: number };
  };
  'reconcile-silver-table': {
    input: { table: string; mode: RunMode; version: number; files: readonly BronzeFile[] };
    output: { step: StepReceipt };
  };
  'commit-watermark': {
    input: { run: RunStamp; table: string; sequence: number; to: string };
    output: { watermark: string };
  };
  'plan-imdb-copy': { input: CopyPlanRequest; output: CopyPlan };
  'copy-imdb-data-set': {
    input: { run: RunStamp; copy: PlannedCopy };
    output: { bronze: BronzeCopy; sha256: string; step: StepReceipt };
  };
  'flatten-imdb-data-set': {
    input: { copy: PlannedCopy; mode: CopyPlanRequest['mode']; bronze: BronzeCopy };
    output: { checks: StepReceipt; tables: readonly FlattenedTable[]; notes: readonly string[] };
  };
  'commit-imdb-delivery': {
    input: { run: RunStamp; copy: PlannedCopy; bronze: BronzeCopy; sha256: string };
    output: { sequence: number };
  };
  'refuse-imdb-delivery': {
    input: { run: RunStamp; refused: PlannedCopy | PlannedRefusal; code: string; message: string };
    output: { noted: boolean };
  };
  'count-imdb-orphans': { input: { tables: readonly string[] }; output: { step: StepReceipt } };
  'ingest-tmdb-lookups': { input: { run: RunStamp }; output: { steps: readonly StepReceipt[] } };
  'ingest-tmdb-list': { input: { run: RunStamp; list: string }; output: { landed: LandedList; step: StepReceipt } };
  'queue-tmdb-event': { input: { landed: LandedList }; output: { path: string } };
  'publish-events': { input: { pipeline: string }; output: { step: StepReceipt; report: PublishReport } };
  'transform-tmdb-list': {
    input: { landed: ListLanded };
    output: { outcome: 'replaced' | 'older' | 'same'; tables: readonly TransformedTable[] };
  };
  'record-run': { input: RunRecord; output: { path: string } };
}

/** A silver table as a delivery left it. */
export interface FlattenedTable {
  readonly table: string;
  readonly version: number;
  readonly rows: number;
  readonly step: StepReceipt;
}

/** A partition of a silver Parquet table as a transform left it. */
export interface TransformedTable {
  readonly table: string;
  readonly rows: number;
  readonly step: StepReceipt;
}

export type ActivityName = keyof Activities;

/** What an activity returns: failures that no retry heals are values, so that the durable retry repeats only what was thrown. */
export type Outcome<T> =
  | { readonly outcome: 'ok'; readonly value: T }
  | { readonly outcome: 'failed'; readonly code: string; readonly message: string };

/** A step failed for good. */
export class StepFailedError extends Error {
  readonly step: ActivityName;
  readonly code: string;

  constructor(step: ActivityName, code: string, message: string) {
    super(message);
    this.name = 'StepFailedError';
    this.step = step;
    this.code = code;
  }
}

/** Schedules an activity with the transient retry policy. Give its result to `unwrap`. */
export function schedule<Name extends ActivityName>(
  context: OrchestrationContext,
  name: Name,
  input: Activities[Name]['input'],
  retry: RetrySettings,
): Task {
  return context.df.callActivityWithRetry(name, transientRetry(retry), input);
}

/** @throws StepFailedError when the activity returned a failure */
export function unwrap<Name extends ActivityName>(name: Name, result: unknown): Activities[Name]['output'] {
  const outcome = result as Outcome<Activities[Name]['output']>;
  if (outcome.outcome === 'failed') throw new StepFailedError(name, outcome.code, outcome.message);
  return outcome.value;
}

/** Runs one activity to its end. @throws StepFailedError for good failures, and for transient ones once the retries are used up */
export function* call<Name extends ActivityName>(
  context: OrchestrationContext,
  name: Name,
  input: Activities[Name]['input'],
  retry: RetrySettings,
): Generator<Task, Activities[Name]['output'], unknown> {
  return unwrap(name, yield* settled(name, schedule(context, name, input, retry)));
}

/** Runs one activity per input, side by side. Throws as `call`. */
export function* callAll<Name extends ActivityName>(
  context: OrchestrationContext,
  name: Name,
  inputs: readonly Activities[Name]['input'][],
  retry: RetrySettings,
): Generator<Task, Activities[Name]['output'][], unknown> {
  const tasks = inputs.map(input => schedule(context, name, input, retry));
  const results = (yield* settled(name, context.df.Task.all(tasks))) as unknown[];
  return results.map(result => unwrap(name, result));
}

function* settled(name: ActivityName, task: Task): Generator<Task, unknown, unknown> {
  try {
    return yield task;
  } catch (error) {
    // The SDK's message is the reason, then the activity's stack trace: that one is in the log already.
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new StepFailedError(name, 'transient', reason.trim());
  }
}
