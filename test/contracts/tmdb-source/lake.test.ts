/** The ingest and the outbox on ADLS Gen2, where answers get lost and programs die between two requests. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FaultTable } from '../../../local/faults.ts';
import { azureLakeStore } from '../../../shared/azure/lake-store.ts';
import { tmdbLists } from '../../../shared/catalog/tmdb-lists.ts';
import { listLandedEvent } from '../../../shared/events/list-landed.ts';
import { pendingEvents, publishPending, queueEvent, republish } from '../../../shared/events/outbox.ts';
import { ingestList } from '../../../shared/sources/tmdb/ingest-list.ts';
import type { LandedList } from '../../../shared/sources/tmdb/landed-list.ts';
import type { LakeStore } from '../../../shared/storage/store.ts';
import { type AnsweringServer, answering } from '../../unit/sources/tmdb/answering.ts';
import { dependencies, idsOf, page } from '../../unit/sources/tmdb/movies.ts';
import { type Storage, storage } from '../storage/fixture.ts';

let lake: Storage;
let store: LakeStore;
let server: AnsweringServer;
const faults = new FaultTable();
const [list] = tmdbLists as [(typeof tmdbLists)[number]];
const clock = { now: () => Date.parse('2026-01-31T06:00:06.000Z') };

beforeAll(async () => {
  lake = await storage({ fileSystems: ['bronze', 'control', 'quarantine'], faults });
  store = azureLakeStore(lake.service, { effects: { sleep: async () => undefined } });
  server = await answering(url => {
    const number = Number(url.searchParams.get('page'));
    return { body: JSON.stringify(page(number, idsOf(number), { pages: 4 })) };
  });
});
afterEach(() => faults.clear());
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await lake.close();
});

let runs = 0;

/** Each test is a run of its own. */
function nextRun(): { readonly runId: string; readonly startedAt: string } {
  runs += 1;
  return { runId: `tmdb-20260131T06000${runs}000Z-0a1b2c`, startedAt: '2026-01-31T06:00:00.000Z' };
}

function ingest(run = nextRun()): Promise<LandedList> {
  return ingestList({ list, run, maxPages: 10 }, dependencies(server.url, store));
}

describe('an ingest', () => {
  test('lands, and its receipt is found by the run that is repeated', async () => {
    const run = nextRun();
    const landed = await ingest(run);
    expect(landed).toMatchObject({ pages: 4, rows: 80, rejected: [] });
    const asked = server.requests.length;
    expect(await ingest(run)).toEqual(landed);
    expect(server.requests).toHaveLength(asked);
  });

  test.each(['*/page-0003.json', '*/manifest.json'])(
    'takes a write of %s for its own when the answer is lost',
    async path => {
      const operation = `RENAME bronze/tmdb/popular/2026/01/31/${path}`;
      const row = faults.add({ service: 'storage', operation, phase: 'after', action: { kind: 'reset' } });
      expect(await ingest()).toMatchObject({ pages: 4, rows: 80, rejected: [] });
      expect(row.fired).toBe(1);
    },
  );

  test('goes on where storage let it down', async () => {
    const run = nextRun();
    const operation = `RENAME *${run.runId}/page-0003.json`;
    faults.add({ service: 'storage', operation, action: { kind: 'status', status: 403 } });
    await expect(ingest(run)).rejects.toMatchObject({ kind: 'config' });
    const asked = server.requests.length;
    expect(await ingest(run)).toMatchObject({ pages: 4, rows: 80 });
    // Page 3 alone.
    expect(server.requests).toHaveLength(asked + 1);
  });
});

describe('the outbox', () => {
  test('queues, sends, marks and queues again', async () => {
    const event = listLandedEvent(await ingest());
    const sent: string[] = [];
    const publisher = { publish: async ({ id }: { readonly id: string }) => void sent.push(id) };
    await queueEvent(store, 'tmdb', event);
    expect(await pendingEvents(store, 'tmdb')).toEqual([event]);
    expect(await publishPending(store, 'tmdb', publisher, clock)).toEqual({ published: [event.id], refused: [] });
    expect(await publishPending(store, 'tmdb', publisher, clock)).toEqual({ published: [], refused: [] });
    expect(await republish(store, 'tmdb', ({ subject }) => subject === event.subject)).toEqual([event.id]);
    await publishPending(store, 'tmdb', publisher, clock);
    expect(sent).toEqual([event.id, event.id]);
  });

  test('does not send twice what it could mark, though the answer to that was lost', async () => {
    const event = listLandedEvent(await ingest());
    const sent: string[] = [];
    const publisher = { publish: async ({ id }: { readonly id: string }) => void sent.push(id) };
    const operation = `RENAME control/outbox/tmdb/${event.id}.json`;
    const row = faults.add({ service: 'storage', operation, phase: 'after', action: { kind: 'reset' }, times: 2 });
    await queueEvent(store, 'tmdb', event);
    await publishPending(store, 'tmdb', publisher, clock);
    await publishPending(store, 'tmdb', publisher, clock);
    expect(row.fired).toBe(2);
    expect(sent).toEqual([event.id]);
  });
});
