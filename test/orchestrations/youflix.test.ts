import type { OrchestrationHandler } from 'durable-functions';
import { describe, expect, test } from 'vitest';
import { mssqlTable } from '../../orchestrations/mssql-table.ts';
import { youflix } from '../../orchestrations/youflix.ts';
import type { RunRecord, RunRequest } from '../../shared/runs/run-record.ts';
import { type OrchestratorRun, type RunOptions, runOrchestrator, startMs } from './run-orchestrator.ts';
import { type Attempt, retry, run, type Source, tableActivities, watermark } from './table-activities.ts';

const request: RunRequest = {
  pipeline: 'youflix',
  mode: 'incremental',
  tables: ['plans', 'users', 'subscriptions'],
  range: null,
};

interface Ran extends OrchestratorRun {
  readonly attempts: readonly Attempt[];
  /** As they were kept, in order. */
  readonly records: readonly RunRecord[];
}

interface Given {
  readonly source?: Source;
  readonly request?: RunRequest;
  readonly table?: OrchestrationHandler;
  readonly completes?: RunOptions['completes'];
}

function ran({ source, request: asked = request, table = mssqlTable, completes = 'oldest' }: Given = {}): Ran {
  const { activities, attempts } = tableActivities(source);
  const result = runOrchestrator(youflix, {
    input: { request: asked, startedAt: run.startedAt, retry },
    instanceId: run.runId,
    activities,
    orchestrators: { 'mssql-table': table },
    completes,
  });
  const records = attempts.filter(({ name }) => name === 'record-run').map(({ input }) => input as RunRecord);
  return { ...result, attempts, records };
}

function tablesIn(attempts: readonly Attempt[], name: Attempt['name']): string[] {
  return attempts.filter(attempt => attempt.name === name).map(({ input }) => (input as { table: string }).table);
}

describe('when all goes well', () => {
  test('the record is kept first and last, and is what the run returns', () => {
    const { output, error, records, calls } = ran();
    expect(error).toBeUndefined();
    expect(calls.map(({ name }) => name)).toEqual([
      'record-run',
      ...['mssql-table', 'mssql-table', 'mssql-table'],
      'record-run',
    ]);
    expect(records).toHaveLength(2);
    expect(records[0]).toEqual({
      ...run,
      pipeline: 'youflix',
      mode: 'incremental',
      status: 'Running',
      endedAt: null,
      request,
      tables: [],
    });
    expect(records[1]).toMatchObject({ status: 'Completed', runId: run.runId, startedAt: run.startedAt });
    expect(output).toEqual(records[1]);
  });

  test('it ends when the durable clock says', () => {
    // The first record, then three tables: four completions, a second each.
    expect(ran().records[1]?.endedAt).toBe(new Date(startMs + 4000).toISOString());
  });

  test('each table has an orchestration of its own, under an id that a cancel can find', () => {
    const tables = ran().calls.filter(({ name }) => name === 'mssql-table');
    expect(tables.map(({ instanceId }) => instanceId)).toEqual(request.tables.map(table => `${run.runId}:${table}`));
    expect(tables[1]?.input).toEqual({ run, table: 'users', mode: 'incremental', range: null, retry });
  });

  test('the tables stand in the record in the order asked for, whichever ended first', () => {
    const { records } = ran({ completes: 'newest' });
    expect(records[1]?.tables.map(({ table }) => table)).toEqual(request.tables);
  });

  test('only the tables asked for', () => {
    const { attempts } = ran({ request: { ...request, mode: 'full', tables: ['users'] } });
    expect(tablesIn(attempts, 'plan-mssql-extract')).toEqual(['users']);
  });

  test('a backfill hands its range to every table', () => {
    const range = { from: '2026-01-01 00:00:00.0000000', to: '2026-01-02 00:00:00.0000000' };
    const source = { plan: { mode: 'backfill', nextWatermark: null } } as const;
    const { attempts, records } = ran({ source, request: { ...request, mode: 'backfill', range } });
    const plans = attempts.filter(({ name }) => name === 'plan-mssql-extract').map(({ input }) => input);
    expect(plans).toMatchObject(request.tables.map(table => ({ table, mode: 'backfill', range })));
    expect(tablesIn(attempts, 'commit-watermark')).toEqual([]);
    expect(records[1]?.request.range).toEqual(range);
  });
});

describe('when a table fails', () => {
  const steps = [
    'plan-mssql-extract',
    'extract-mssql-table',
    'merge-silver-table',
    'reconcile-silver-table',
    'commit-watermark',
  ] as const;
  const cases = steps.flatMap(step => (['value', 'throw'] as const).map(failure => ({ step, failure })));

  test.each(cases)('in $step, by $failure: the others go on, and the record names the cause', ({ step, failure }) => {
    const fails: Source['fails'] = (name, input) =>
      name === step && (input as { table: string }).table === 'users' ? failure : undefined;
    const { output, error, records, attempts } = ran({ source: { fails } });

    const ended = records.at(-1);
    expect(ended).toMatchObject({
      status: 'Failed',
      endedAt: expect.any(String),
      tables: [
        { table: 'plans', outcome: 'ok', watermark },
        { table: 'users', outcome: 'failed', watermark: null, failure: { step } },
        { table: 'subscriptions', outcome: 'ok', watermark },
      ],
    });
    const cause = ended?.tables[1]?.failure?.message;
    expect(output).toBeUndefined();
    expect(error?.message).toBe(`1 of 3 tables failed: users: ${step}: ${cause}`);
    if (step !== 'commit-watermark') expect(tablesIn(attempts, 'commit-watermark')).toEqual(['plans', 'subscriptions']);
  });

  test('all of them: each cause is named', () => {
    const { error } = ran({ source: { fails: name => (name === 'extract-mssql-table' ? 'value' : undefined) } });
    expect(error?.message).toContain('3 of 3 tables failed');
    for (const table of request.tables) expect(error?.message).toContain(`${table}: extract-mssql-table:`);
  });

  test.each(['oldest', 'newest'] as const)(
    'its orchestration breaks off, %s first: the record still ends, with what the others did',
    completes => {
      // As a bug would, or an operator who terminates it by hand.
      const table: OrchestrationHandler = function* (context) {
        if (context.df.getInput<{ table: string }>().table === 'users') throw new TypeError('cannot read it');
        return (yield* mssqlTable(context)) as unknown;
      };
      const { error, records } = ran({ table, completes });
      expect(records.at(-1)).toMatchObject({
        status: 'Failed',
        tables: [
          { table: 'plans' },
          {
            table: 'users',
            outcome: 'failed',
            failure: { step: 'mssql-table', message: expect.stringContaining('cannot read it') },
          },
          { table: 'subscriptions' },
        ],
      });
      expect(error?.message).toContain('users: mssql-table:');
    },
  );
});

describe('when the record cannot be kept', () => {
  test('at the start: no table is touched', () => {
    const { error, calls } = ran({ source: { fails: name => (name === 'record-run' ? 'value' : undefined) } });
    expect(error?.message).toContain('record-run is broken');
    expect(calls).toHaveLength(1);
  });

  test('at the end: the run fails, the tables have what they have', () => {
    const fails: Source['fails'] = (name, input) =>
      name === 'record-run' && (input as RunRecord).status !== 'Running' ? 'throw' : undefined;
    const { error, attempts } = ran({ source: { fails } });
    expect(error?.message).toContain('record-run has no answer');
    expect(tablesIn(attempts, 'commit-watermark')).toEqual(request.tables);
  });
});
