import { describe, expect, test } from 'vitest';
import { imdb } from '../../orchestrations/imdb.ts';
import { imdbDataSet } from '../../orchestrations/imdb-data-set.ts';
import type { RunRecord, RunRequest } from '../../shared/runs/run-record.ts';
import { copyOf, imdbActivities, type Landing, planOf } from './imdb-activities.ts';
import { type OrchestratorRun, type RunOptions, runOrchestrator } from './run-orchestrator.ts';
import { type Attempt, retry } from './table-activities.ts';

const run = { runId: 'imdb-20260131T120000000Z-0a1b2c', startedAt: '2026-01-31T12:00:00.000Z' };
const request: RunRequest = {
  pipeline: 'imdb',
  mode: 'incremental',
  tables: ['title.basics', 'title.ratings'],
  range: null,
};
const both = planOf(copyOf('title.basics'), copyOf('title.ratings'));

interface Ran extends OrchestratorRun {
  readonly attempts: readonly Attempt[];
  readonly record: RunRecord | undefined;
}

function ran(landing: Landing, asked: RunRequest = request, completes: RunOptions['completes'] = 'oldest'): Ran {
  const { activities, attempts } = imdbActivities(landing);
  const result = runOrchestrator(imdb, {
    input: { request: asked, startedAt: run.startedAt, retry },
    instanceId: run.runId,
    activities,
    orchestrators: { 'imdb-data-set': imdbDataSet },
    completes,
  });
  const records = attempts.filter(({ name }) => name === 'record-run').map(({ input }) => input as RunRecord);
  return { ...result, attempts, record: records.at(-1) };
}

/** The activities of one data set, in the order in which they ran. */
function wayOf(dataSet: string, { attempts }: Ran): string[] {
  return attempts
    .filter(({ input }) => JSON.stringify(input).includes(`"dataSet":"${dataSet}"`))
    .map(({ name }) => name);
}

describe('when all goes well', () => {
  test('each data set is copied, flattened, and only then in the ledger', () => {
    for (const completes of ['oldest', 'newest'] as const) {
      const all = ran({ plans: [both] }, request, completes);
      expect(wayOf('title.basics', all)).toEqual([
        'copy-imdb-data-set',
        'flatten-imdb-data-set',
        'commit-imdb-delivery',
      ]);
      expect(all.record).toMatchObject({ status: 'Completed' });
    }
  });

  test('the record has the data sets and the silver tables, each with its steps', () => {
    const { record } = ran({
      plans: [both],
      tables: name => (name === 'title.basics' ? ['titles', 'title_genres'] : ['x']),
    });
    const steps = record?.tables.map(({ table, version, steps: all }) => [table, version, all.map(({ name }) => name)]);
    expect(steps).toEqual([
      ['title.basics', null, ['copy', 'check']],
      ['titles', 2, ['flatten']],
      ['title_genres', 2, ['flatten']],
      ['title.ratings', null, ['copy', 'check']],
      ['x', 2, ['flatten']],
      ['imdb', null, ['orphans']],
    ]);
  });

  test('nothing new: a completed run that touched nothing', () => {
    const { record, attempts } = ran({ plans: [planOf()] });
    expect(record).toMatchObject({ status: 'Completed', tables: [] });
    expect(attempts.map(({ name }) => name)).toEqual(['record-run', 'plan-imdb-copy', 'record-run']);
  });

  test('notes of the plan stand in the record', () => {
    const { record } = ran({ plans: [{ copies: [], refusals: [], notes: ['readme.txt: no data set'] }] });
    expect(record?.notes).toEqual(['readme.txt: no data set']);
  });
});

describe('when a data set fails', () => {
  test.each(['copy-imdb-data-set', 'flatten-imdb-data-set', 'commit-imdb-delivery'] as const)(
    '%s: it is refused with its reason, and its neighbour goes on',
    step => {
      const broken = ran({
        plans: [both],
        fails: (name, input) =>
          name === step && JSON.stringify(input).includes('"dataSet":"title.basics"') ? 'truncated' : undefined,
      });
      expect(broken.error?.message).toContain('title.basics');
      expect(wayOf('title.basics', broken).at(-1)).toBe('refuse-imdb-delivery');
      expect(wayOf('title.ratings', broken).at(-1)).toBe('commit-imdb-delivery');
      expect(broken.record).toMatchObject({ status: 'Failed' });
      const failed = broken.record?.tables.filter(({ outcome }) => outcome === 'failed');
      expect(failed).toMatchObject([{ table: 'title.basics', failure: { step, code: 'truncated' } }]);
    },
  );

  test('a refusal that cannot be noted does not hide the failure', () => {
    const broken = ran({
      plans: [planOf(copyOf('title.basics'))],
      fails: name => (name === 'copy-imdb-data-set' ? 'bomb' : name === 'refuse-imdb-delivery' ? 'throw' : undefined),
    });
    expect(broken.record?.tables).toMatchObject([{ failure: { step: 'copy-imdb-data-set', code: 'bomb' } }]);
  });

  test('a file replaced while it is read is planned again, and its new version goes on', () => {
    const again = ran({
      plans: [planOf(copyOf('title.basics', '0x1')), planOf(copyOf('title.basics', '0x2'))],
      fails: (name, input) =>
        name === 'copy-imdb-data-set' && JSON.stringify(input).includes('0x1') ? 'source-changed' : undefined,
    });
    expect(again.error).toBeUndefined();
    const committed = again.attempts.find(({ name }) => name === 'commit-imdb-delivery');
    expect(committed?.input).toMatchObject({ copy: { file: { etag: '0x2' } } });
  });

  test('a file replaced again and again is given up', () => {
    const changing = ran({
      plans: [planOf(copyOf('title.basics'))],
      fails: name => (name === 'copy-imdb-data-set' ? 'source-changed' : undefined),
    });
    expect(changing.attempts.filter(({ name }) => name === 'copy-imdb-data-set')).toHaveLength(3);
    expect(changing.record?.tables).toMatchObject([{ outcome: 'failed', failure: { code: 'source-changed' } }]);
  });
});

describe('when the plan refuses or fails', () => {
  test('a refused archive fails the run under its own name, and the others go on', () => {
    const { file } = copyOf('imdb');
    const refusal = { file, dataSet: null, code: 'bad-archive', message: 'no central directory' };
    const { record, attempts } = ran({ plans: [{ ...both, refusals: [refusal] }] });
    expect(record?.status).toBe('Failed');
    expect(record?.tables.at(-2)).toMatchObject({ table: file.path, failure: { code: 'bad-archive' } });
    expect(attempts.filter(({ name }) => name === 'commit-imdb-delivery')).toHaveLength(2);
    expect(attempts.find(({ name }) => name === 'refuse-imdb-delivery')?.input).toMatchObject({ refused: refusal });
  });

  test('a landing container that does not answer fails the run, with its reason', () => {
    const { record, error } = ran({ plans: [], fails: name => (name === 'plan-imdb-copy' ? 'throw' : undefined) });
    expect(record?.tables).toMatchObject([
      { table: 'landing', failure: { step: 'plan-imdb-copy', code: 'transient' } },
    ]);
    expect(error?.message).toContain('landing');
  });

  test('orphans that cannot be counted fail the run, and the tables keep their results', () => {
    const { record } = ran({ plans: [both], fails: name => (name === 'count-imdb-orphans' ? 'duckdb' : undefined) });
    expect(record?.tables.filter(({ outcome }) => outcome === 'ok')).toHaveLength(4);
    expect(record?.tables.at(-1)).toMatchObject({ table: 'imdb', failure: { code: 'duckdb' } });
  });
});
