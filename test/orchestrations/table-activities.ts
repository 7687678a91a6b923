/** Inline activities for the YouFlix orchestrators: a small source where all goes well, and the ways to make a step fail. */
import type { Activities, ActivityName, Outcome } from '../../orchestrations/activities.ts';
import type { TableRun } from '../../orchestrations/mssql-table.ts';
import type { StepReceipt } from '../../shared/runs/run-record.ts';
import type { ExtractPlan } from '../../shared/sources/mssql/extract-plan.ts';

type TableActivity = Exclude<ActivityName, `${string}-${'imdb' | 'tmdb'}-${string}` | 'publish-events'>;

type Inline = {
  readonly [Name in TableActivity]: (
    input: Activities[Name]['input'],
    attempt: number,
  ) => Outcome<Activities[Name]['output']>;
};

/** One attempt of an activity. */
export interface Attempt {
  readonly name: ActivityName;
  readonly input: unknown;
}

/** `value`: the activity returns a failure, as for what no retry heals. `throw`: it throws, every time it is tried. */
export type Failure = 'value' | 'throw';

export interface Source {
  /** What the plan says beyond an incremental window of one part. */
  readonly plan?: Partial<ExtractPlan>;
  /** Rows in each part. Default 3. */
  readonly rows?: number;
  /** Asked at each attempt whether that one fails. */
  readonly fails?: (name: ActivityName, input: unknown, attempt: number) => Failure | undefined;
}

export const run = { runId: 'youflix-20260131T120000000Z-0a1b2c', startedAt: '2026-01-31T12:00:00.000Z' };

export const retry = { firstIntervalMs: 1000 };

export const watermark = '2026-01-31 11:59:59.1234567';

export const tableRun: TableRun = { run, table: 'users', mode: 'incremental', range: null, retry };

export function key(from: string | null, to: string | null): ExtractPlan['parts'][number] {
  return { from, to };
}

/** The activities, and the list in which they note every attempt. */
export function tableActivities(source: Source = {}): { readonly activities: Inline; readonly attempts: Attempt[] } {
  const attempts: Attempt[] = [];
  const rows = source.rows ?? 3;

  function activity<Name extends ActivityName>(
    name: Name,
    work: (input: Activities[Name]['input']) => Activities[Name]['output'],
  ): (input: Activities[Name]['input'], attempt: number) => Outcome<Activities[Name]['output']> {
    return (input, attempt) => {
      attempts.push({ name, input });
      const failure = source.fails?.(name, input, attempt);
      if (failure === 'throw') throw new Error(`${name} has no answer`);
      if (failure === 'value') return { outcome: 'failed', code: 'broken', message: `${name} is broken` };
      return { outcome: 'ok', value: work(input) };
    };
  }

  const activities: Inline = {
    'plan-mssql-extract': activity('plan-mssql-extract', ({ table, mode }) => ({
      table,
      mode,
      sequence: 7,
      window: { low: '2026-01-30 00:00:00.0000000', lowInclusive: false, high: watermark, highInclusive: true },
      parts: [key(null, null)],
      nextWatermark: watermark,
      ...source.plan,
    })),
    'extract-mssql-table': activity('extract-mssql-table', ({ table, part }) => {
      const path = `bronze/youflix/${table}/part-${part ?? 'only'}.csv`;
      return { file: { path, rows, bytes: 100, crc32: 1 }, step: receipt('extract', table, path, rows) };
    }),
    'merge-silver-table': activity('merge-silver-table', ({ table, files }) => {
      const merged = files.reduce((sum, file) => sum + file.rows, 0);
      return { step: receipt('merge', table, `silver/youflix/${table}`, merged), version: 4, rows: 100 + merged };
    }),
    'reconcile-silver-table': activity('reconcile-silver-table', ({ table }) => ({
      step: receipt('reconcile', table, `silver/youflix/${table}`, rows),
    })),
    'commit-watermark': activity('commit-watermark', ({ to }) => ({ watermark: to })),
    'record-run': activity('record-run', record => ({ path: `control/runs/${record.runId}.json` })),
  };
  return { activities, attempts };
}

function receipt(name: string, table: string, path: string, rows: number): StepReceipt {
  return { name, table, rowsIn: rows, rowsOut: rows, bytes: 100, path, seconds: 0.1, retries: 0 };
}
