/** Inline activities for the IMDb orchestrators: a landing container where all goes well, and the ways to make a step fail. */
import type { Activities, ActivityName, Outcome } from '../../orchestrations/activities.ts';
import type { StepReceipt } from '../../shared/runs/run-record.ts';
import type { CopyPlan, PlannedCopy } from '../../shared/sources/imdb/plan-copy.ts';
import type { Attempt } from './table-activities.ts';

type ImdbActivity = Extract<ActivityName, `${string}-imdb-${string}` | 'record-run'>;

type Inline = {
  readonly [Name in ImdbActivity]: (
    input: Activities[Name]['input'],
    attempt: number,
  ) => Outcome<Activities[Name]['output']>;
};

export interface Landing {
  /** What each plan says, in turn; the last one again and again. */
  readonly plans: readonly CopyPlan[];
  /** Silver tables of a data set. Default: one of its name. */
  readonly tables?: (dataSet: string) => readonly string[];
  /** Asked at each attempt whether that one fails: a code is returned as a failure, `throw` is thrown. */
  readonly fails?: (name: ActivityName, input: unknown, attempt: number) => string | undefined;
}

export function copyOf(dataSet: string, etag = '0x1'): PlannedCopy {
  const file = { path: `${dataSet}.tsv.gz`, bytes: 10, etag, modifiedAt: '2026-01-31T00:00:00.000Z' };
  const bronzePath = `bronze/imdb/${dataSet}/2026-01-31/part-0001.parquet`;
  const quarantinePath = bronzePath.replace('bronze', 'quarantine');
  return { file, entry: { name: null, dataSet, format: 'tsv' }, sequence: 1, bronzePath, quarantinePath };
}

export function planOf(...copies: readonly PlannedCopy[]): CopyPlan {
  return { copies, refusals: [], notes: [] };
}

/** The activities, and the list in which they note every attempt. */
export function imdbActivities(landing: Landing): { readonly activities: Inline; readonly attempts: Attempt[] } {
  const attempts: Attempt[] = [];
  let planned = 0;

  function activity<Name extends ImdbActivity>(
    name: Name,
    work: (input: Activities[Name]['input']) => Activities[Name]['output'],
  ): (input: Activities[Name]['input'], attempt: number) => Outcome<Activities[Name]['output']> {
    return (input, attempt) => {
      attempts.push({ name, input });
      const failure = landing.fails?.(name, input, attempt);
      if (failure === 'throw') throw new Error(`${name} has no answer`);
      if (failure !== undefined) return { outcome: 'failed', code: failure, message: `${name} is broken` };
      return { outcome: 'ok', value: work(input) };
    };
  }

  const activities: Inline = {
    'plan-imdb-copy': activity('plan-imdb-copy', () => {
      const plan = landing.plans[Math.min(planned, landing.plans.length - 1)];
      planned += 1;
      return plan ?? planOf();
    }),
    'copy-imdb-data-set': activity('copy-imdb-data-set', ({ copy: { bronzePath, entry } }) => ({
      bronze: { path: bronzePath, bytes: 9, lines: 3, malformedLines: 0, rows: 3, columns: ['a'], expandedBytes: 20 },
      sha256: 'aa',
      step: receipt('copy', entry.dataSet),
    })),
    'flatten-imdb-data-set': activity('flatten-imdb-data-set', ({ copy: { entry } }) => ({
      checks: receipt('check', entry.dataSet),
      tables: (landing.tables?.(entry.dataSet) ?? [entry.dataSet.replace('.', '_')]).map(table => {
        return { table, version: 2, rows: 3, step: receipt('flatten', table) };
      }),
      notes: [],
    })),
    'commit-imdb-delivery': activity('commit-imdb-delivery', ({ copy }) => ({ sequence: copy.sequence })),
    'refuse-imdb-delivery': activity('refuse-imdb-delivery', () => ({ noted: true })),
    'count-imdb-orphans': activity('count-imdb-orphans', () => ({ step: receipt('orphans', 'imdb') })),
    'record-run': activity('record-run', record => ({ path: `control/runs/${record.runId}.json` })),
  };
  return { activities, attempts };
}

function receipt(name: string, table: string): StepReceipt {
  return { name, table, rowsIn: 3, rowsOut: 3, bytes: 9, path: `silver/imdb/${table}`, seconds: 0.1, retries: 0 };
}
