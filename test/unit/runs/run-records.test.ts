import { describe, expect, test } from 'vitest';
import type { RunRecord, RunStatus } from '../../../shared/runs/run-record.ts';
import { findRunRecord, listRunRecords, saveRunRecord } from '../../../shared/runs/run-records.ts';
import { memoryStore } from '../../../shared/storage/memory-store.ts';

function record(status: RunStatus, runId = 'youflix-20260131T120000000Z-0a1b2c', pipeline = 'youflix'): RunRecord {
  return {
    runId,
    pipeline,
    mode: 'full',
    status,
    startedAt: '2026-01-31T12:00:00.000Z',
    endedAt: status === 'Running' ? null : '2026-01-31T12:01:00.000Z',
    request: { pipeline, mode: 'full', tables: ['users'], range: null },
    tables: [],
  };
}

describe('keeping', () => {
  test('a record is found under its pipeline and id', async () => {
    const store = memoryStore();
    const running = record('Running');
    expect(await saveRunRecord(store, running)).toEqual({ path: `control/runs/youflix/${running.runId}.json` });
    expect(await findRunRecord(store, 'youflix', running.runId)).toEqual(running);
    expect(await findRunRecord(store, 'imdb', running.runId)).toBeUndefined();
    expect(await findRunRecord(store, 'youflix', 'youflix-other')).toBeUndefined();
  });

  test.each(['Completed', 'Failed', 'Cancelled'] as const)('a running one ends as %s', async status => {
    const store = memoryStore();
    await saveRunRecord(store, record('Running'));
    await saveRunRecord(store, record(status));
    expect((await findRunRecord(store, 'youflix', record(status).runId))?.status).toBe(status);
  });

  const late = (['Completed', 'Failed', 'Cancelled'] as const).flatMap(ended =>
    (['Running', 'Completed', 'Failed'] as const).map(then => ({ ended, then })),
  );
  test.each(late)('one that ended as $ended stays so when $then comes late', async ({ ended, then }) => {
    const store = memoryStore();
    await saveRunRecord(store, record(ended));
    await saveRunRecord(store, { ...record(then), endedAt: '2027-01-01T00:00:00.000Z' });
    expect(await findRunRecord(store, 'youflix', record(ended).runId)).toEqual(record(ended));
  });
});

describe('listing', () => {
  test('newest first, no more than asked for, of one pipeline', async () => {
    const store = memoryStore();
    const ids = ['20260103', '20260101', '20260102'].map(day => `youflix-${day}T000000000Z-000000`);
    for (const id of ids) await saveRunRecord(store, record('Completed', id));
    await saveRunRecord(store, record('Completed', 'imdb-20260109T000000000Z-000000', 'imdb'));

    expect((await listRunRecords(store, 'youflix', 10)).map(({ runId }) => runId)).toEqual([...ids].sort().reverse());
    expect((await listRunRecords(store, 'youflix', 1)).map(({ runId }) => runId)).toEqual([ids[0]]);
    expect(await listRunRecords(store, 'tmdb', 10)).toEqual([]);
  });
});
