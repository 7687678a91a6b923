import { describe, expect, test } from 'vitest';
import type { Activities, ActivityName, Outcome } from '../../orchestrations/activities.ts';
import { tmdb } from '../../orchestrations/tmdb.ts';
import { tmdbList } from '../../orchestrations/tmdb-list.ts';
import { tmdbTransform } from '../../orchestrations/tmdb-transform.ts';
import { listLandedEvent } from '../../shared/events/list-landed.ts';
import type { PublishReport } from '../../shared/events/outbox.ts';
import type { RunRecord, RunRequest, StepReceipt } from '../../shared/runs/run-record.ts';
import type { LandedList } from '../../shared/sources/tmdb/landed-list.ts';
import { landed } from '../unit/events/landed.ts';
import { type OrchestratorRun, runOrchestrator } from './run-orchestrator.ts';
import { type Attempt, retry } from './table-activities.ts';

const run = { runId: 'tmdb-20260131T120000000Z-0a1b2c', startedAt: '2026-01-31T12:00:00.000Z' };
const request: RunRequest = { pipeline: 'tmdb', mode: 'incremental', tables: ['popular', 'upcoming'], range: null };

type TmdbActivity = Extract<ActivityName, `${string}-tmdb-${string}` | 'publish-events' | 'record-run'>;

interface Given {
  /** Asked at each attempt whether that one fails: a code is returned as a failure, `throw` is thrown. */
  readonly fails?: (name: ActivityName, input: unknown, attempt: number) => string | undefined;
  readonly landed?: Partial<LandedList>;
  /** What each publishing reports, in turn. */
  readonly reports?: readonly PublishReport[];
  readonly outcome?: Activities['transform-tmdb-list']['output']['outcome'];
}

interface Ran extends OrchestratorRun {
  readonly attempts: readonly Attempt[];
  readonly record: RunRecord | undefined;
}

function landedList(list: string, changes: Partial<LandedList> = {}): LandedList {
  const folder = `bronze/tmdb/${list}/2026/01/31/${run.runId}`;
  return { ...landed, list, runId: run.runId, folder, ...changes };
}

function receipt(name: string, table: string): StepReceipt {
  return { name, table, rowsIn: 40, rowsOut: 40, bytes: 900, path: `bronze/tmdb/${table}`, seconds: 0.1, retries: 0 };
}

function ran(orchestrator: typeof tmdb, input: object, given: Given = {}): Ran {
  const attempts: Attempt[] = [];
  const reports = [...(given.reports ?? [])];
  const activity =
    <Name extends TmdbActivity>(name: Name, work: (input: Activities[Name]['input']) => Activities[Name]['output']) =>
    (given_: Activities[Name]['input'], attempt: number): Outcome<Activities[Name]['output']> => {
      attempts.push({ name, input: given_ });
      const failure = given.fails?.(name, given_, attempt);
      if (failure === 'throw') throw new Error(`${name} has no answer`);
      if (failure !== undefined) return { outcome: 'failed', code: failure, message: `${name} is broken` };
      return { outcome: 'ok', value: work(given_) };
    };
  const activities = {
    'ingest-tmdb-lookups': activity('ingest-tmdb-lookups', () => ({ steps: [receipt('ingest', 'genres')] })),
    'ingest-tmdb-list': activity('ingest-tmdb-list', ({ list }) => ({
      landed: landedList(list, given.landed),
      step: receipt('ingest', list),
    })),
    'queue-tmdb-event': activity('queue-tmdb-event', ({ landed }) => ({ path: `control/outbox/tmdb/${landed.list}` })),
    'publish-events': activity('publish-events', () => ({
      step: receipt('publish', 'tmdb'),
      report: reports.shift() ?? { published: [], refused: [] },
    })),
    'transform-tmdb-list': activity('transform-tmdb-list', () => ({
      outcome: given.outcome ?? 'replaced',
      tables: [{ table: 'movie_lists', rows: 40, step: receipt('transform', 'movie_lists') }],
    })),
    'record-run': activity('record-run', record => ({ path: `control/runs/${record.runId}.json` })),
  };
  const result = runOrchestrator(orchestrator, {
    input: { request, startedAt: run.startedAt, retry, ...input },
    instanceId: run.runId,
    activities,
    orchestrators: { 'tmdb-list': tmdbList },
  });
  const records = attempts.filter(({ name }) => name === 'record-run').map(attempt => attempt.input as RunRecord);
  return { ...result, attempts, record: records.at(-1) };
}

const names = ({ attempts }: Ran): string[] => attempts.map(({ name }) => name);

describe('the lists', () => {
  test('each lands before its event is queued, and events go out after that; what was overdue goes first', () => {
    const sent = { published: ['x'], refused: [] };
    const all = ran(tmdb, {}, { reports: [sent, sent] });
    // The double lets one list after the other go its whole way.
    expect(names(all)).toEqual([
      'record-run',
      'publish-events',
      'ingest-tmdb-lookups',
      'ingest-tmdb-list',
      'queue-tmdb-event',
      'ingest-tmdb-list',
      'queue-tmdb-event',
      'publish-events',
      'record-run',
    ]);
    expect(all.record?.tables.map(({ table }) => table)).toEqual([
      'overdue events',
      'genres',
      'popular',
      'upcoming',
      'events',
    ]);
  });

  test('one that fails queues no event, and its neighbour goes on', () => {
    const broken = ran(
      tmdb,
      {},
      {
        fails: (name, input) =>
          name === 'ingest-tmdb-list' && JSON.stringify(input).includes('popular') ? 'tmdb-404' : undefined,
      },
    );
    const queued = broken.attempts.filter(({ name }) => name === 'queue-tmdb-event').map(({ input }) => input);
    expect(queued).toMatchObject([{ landed: { list: 'upcoming' } }]);
    expect(broken.record).toMatchObject({ status: 'Failed' });
    expect(broken.record?.tables.filter(({ outcome }) => outcome === 'failed')).toMatchObject([
      { table: 'popular', failure: { code: 'tmdb-404' } },
    ]);
  });

  test('a topic that does not answer fails the run, and the pages are in bronze all the same', () => {
    const { record, attempts } = ran(tmdb, {}, { fails: name => (name === 'publish-events' ? 'throw' : undefined) });
    expect(attempts.filter(({ name }) => name === 'queue-tmdb-event')).toHaveLength(2);
    expect(record?.tables.filter(({ outcome }) => outcome === 'failed').map(({ table }) => table)).toEqual([
      'overdue events',
      'events',
    ]);
  });

  test('an event that the topic refuses is a failure under its id', () => {
    const refused = { id: 'run.popular', code: 'event-grid-413', message: 'too large' };
    const { record } = ran(
      tmdb,
      {},
      {
        reports: [
          { published: [], refused: [] },
          { published: [], refused: [refused] },
        ],
      },
    );
    expect(record?.tables.at(-1)).toMatchObject({ table: 'run.popular', failure: { code: 'event-grid-413' } });
  });

  test('lookups that fail do not keep the lists from landing', () => {
    const { record } = ran(tmdb, {}, { fails: name => (name === 'ingest-tmdb-lookups' ? 'tmdb-500' : undefined) });
    expect(record?.tables.filter(({ outcome }) => outcome === 'ok').map(({ table }) => table)).toEqual(request.tables);
  });

  test('pages in quarantine, and what was noticed, stand in the record', () => {
    const rejected = [{ page: 2, path: 'p', reasons: ['no JSON'] }];
    const { record } = ran(tmdb, {}, { landed: { rejected, notes: ['the list shrank'] } });
    expect(record?.notes).toContain('popular, page 2 is in quarantine: no JSON');
    expect(record?.notes).toContain('upcoming: the list shrank');
  });
});

describe('a list that landed', () => {
  const popular = { landed: listLandedEvent(landedList('popular')).data };

  test('is transformed, with a record of its own', () => {
    const { record, output } = ran(tmdbTransform, popular);
    expect(record).toMatchObject({ status: 'Completed', tables: [{ table: 'movie_lists', rows: 40, version: null }] });
    expect(output).toEqual(record);
  });

  test.each(['older', 'same'] as const)('an event that comes when silver is further (%s) is noted', outcome => {
    expect(ran(tmdbTransform, popular, { outcome }).record?.notes).toHaveLength(1);
  });

  test('pages that cannot be read fail it, with the cause', () => {
    const { record, error } = ran(tmdbTransform, popular, {
      fails: name => (name === 'transform-tmdb-list' ? 'landing-gone' : undefined),
    });
    expect(record?.tables).toMatchObject([{ table: 'popular', failure: { code: 'landing-gone' } }]);
    expect(error?.message).toContain('popular');
  });

  test('an event that comes before its pages can be seen is tried again', () => {
    const { record } = ran(tmdbTransform, popular, {
      fails: (name, _, attempt) => (name === 'transform-tmdb-list' && attempt === 1 ? 'throw' : undefined),
    });
    expect(record?.status).toBe('Completed');
  });
});
