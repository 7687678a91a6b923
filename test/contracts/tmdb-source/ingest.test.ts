/** The ingest meets the TMDB stand-in: what it says, how it counts, and everything that goes wrong there on purpose. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FaultTable } from '../../../local/faults.ts';
import type { TmdbServer } from '../../../local/servers/tmdb/server.ts';
import { type TmdbList, tmdbLists, tmdbLookups } from '../../../shared/catalog/tmdb-lists.ts';
import { type TmdbClientOptions, tmdbClient } from '../../../shared/sources/tmdb/client.ts';
import { type IngestDependencies, ingestList } from '../../../shared/sources/tmdb/ingest-list.ts';
import { ingestLookups } from '../../../shared/sources/tmdb/ingest-lookups.ts';
import type { LandedList } from '../../../shared/sources/tmdb/landed-list.ts';
import { memoryStore } from '../../../shared/storage/memory-store.ts';
import type { LakeStore } from '../../../shared/storage/store.ts';
import { run } from '../../unit/sources/tmdb/movies.ts';
import { skippedTime } from '../../unit/sources/tmdb/virtual-time.ts';
import { start, token } from '../tmdb/fixture.ts';
import { oddBodies, redirectTo, wrongBodies } from '../tmdb/wrong-bodies.ts';

let server: TmdbServer;
const faults = new FaultTable();
const [popular] = tmdbLists as [TmdbList];

beforeAll(async () => {
  server = await start({ faults });
});
afterEach(() => faults.clear());
afterAll(() => server.close());

/** In no hurry to wait: the server has no limit. */
function dependencies(store: LakeStore = memoryStore(), options: Partial<TmdbClientOptions> = {}): IngestDependencies {
  const { url } = server;
  const client = tmdbClient({
    url,
    token,
    requestsPerSecond: 1e6,
    timeoutMs: 2000,
    effects: skippedTime(),
    ...options,
  });
  return { client, store, clock: { now: () => Date.parse('2026-01-31T06:00:05.000Z') } };
}

function ingest(maxPages = 8, store?: LakeStore, options?: Partial<TmdbClientOptions>): Promise<LandedList> {
  return ingestList({ list: popular, run, maxPages }, dependencies(store, options));
}

function fault(page: number, action: Parameters<FaultTable['add']>[0]['action']): { readonly fired: number } {
  return faults.add({ service: 'tmdb', operation: `GET /3/movie/popular?page=${page}`, action });
}

interface Page {
  readonly page: number;
  readonly results: readonly { readonly id: number }[];
}

async function pagesOf(store: LakeStore, { folder, pages }: LandedList): Promise<readonly Page[]> {
  const numbers = Array.from({ length: pages }, (_, index) => String(index + 1).padStart(4, '0'));
  const texts = await Promise.all(numbers.map(number => store.read(`${folder}/page-${number}.json`)));
  return texts.map(text => JSON.parse(Buffer.from(text).toString()) as Page);
}

describe('on a good day', () => {
  test.each(tmdbLists)('$name lands, and all of it fits', async list => {
    const store = memoryStore();
    const landed = await ingestList({ list, run, maxPages: 12 }, dependencies(store));
    expect(landed).toMatchObject({ list: list.name, pages: 12, rows: 240, duplicates: 0, rejected: [] });
    expect(landed.notes).toEqual([expect.stringMatching(/^12 of \d+ pages taken$/)]);
    const pages = await pagesOf(store, landed);
    expect(pages.map(({ page }) => page)).toEqual(pages.map((_, index) => index + 1));
    expect(new Set(pages.flatMap(({ results }) => results.map(({ id }) => id)))).toHaveLength(240);
  });

  test('the lookups land, and fit', async () => {
    const landed = await ingestLookups({ lookups: tmdbLookups, run }, dependencies());
    expect(landed.map(({ list, pages, rows, rejected }) => ({ list, pages, rows, rejected }))).toEqual([
      { list: 'genres', pages: 1, rows: 1, rejected: [] },
      { list: 'configuration', pages: 1, rows: 1, rejected: [] },
    ]);
  });

  test('four lists at once at the rate of the limit: nothing is refused', async () => {
    await using limited = await disposable(start({ requestsPerSecond: 40 }));
    const { url, stats } = limited.server;
    const client = tmdbClient({ url, token, requestsPerSecond: 40, timeoutMs: 2000 });
    const { store, clock } = dependencies();
    await Promise.all(tmdbLists.map(list => ingestList({ list, run, maxPages: 15 }, { client, store, clock })));
    expect(stats).toEqual({ requests: 60, throttled: 0 });
  });
});

describe('a body that is no page', () => {
  test.each(Object.entries(wrongBodies))('%s: kept, reported, and the other pages land', async (_what, action) => {
    fault(3, action);
    const store = memoryStore();
    const landed = await ingest(8, store);
    expect(landed).toMatchObject({ pages: 8, rows: 140, rejected: [{ page: 3 }] });
    expect(landed.rejected[0]?.reasons.length).toBeGreaterThan(0);
    const report = await store.read(`quarantine/tmdb/popular/2026/01/31/${run.runId}.json`);
    expect(JSON.parse(Buffer.from(report).toString())).toMatchObject({ rejected: landed.rejected });
  });

  test.each(Object.entries(wrongBodies))('%s, as the only one: nothing lands', async (_what, action) => {
    fault(1, action);
    await expect(ingest(1)).rejects.toMatchObject({ kind: 'permanent', code: 'no-page-fits' });
  });
});

describe('a page that is odd, and fine', () => {
  test('an unknown field', async () => {
    fault(3, oddBodies['an unknown field']);
    const landed = await ingest();
    expect(landed).toMatchObject({ rows: 160, rejected: [] });
    expect(landed.notes).toContain('fields that are new to us: results[].softcore');
  });

  test('no results, in the middle', async () => {
    fault(3, oddBodies['no results']);
    const landed = await ingest();
    expect(landed).toMatchObject({ pages: 8, rows: 140, rejected: [] });
    expect(landed.notes).toContain('page 3 is empty');
  });

  test('no pages at all', async () => {
    fault(1, oddBodies['no pages']);
    expect(await ingest()).toMatchObject({ pages: 1, rows: 0, rejected: [], notes: ['the list is empty'] });
  });

  test('more than 500 pages', async () => {
    fault(1, oddBodies['more than 500 pages']);
    const landed = await ingest();
    expect(landed).toMatchObject({ pages: 8, rows: 160 });
    expect(landed.notes[0]).toBe('8 of 501 pages taken');
  });
});

describe('on a bad day', () => {
  test.each<[string, Parameters<FaultTable['add']>[0]['action']]>([
    ['a 500', { kind: 'status', status: 500 }],
    ['a 503 with Retry-After', { kind: 'status', status: 503, retryAfterSeconds: 2 }],
    ['a 429 with Retry-After', { kind: 'status', status: 429, retryAfterSeconds: 2 }],
    ['no answer', { kind: 'reset' }],
    ['half an answer', { kind: 'reset', afterBytes: 1000 }],
  ])('%s is healed by the next try', async (_what, action) => {
    const row = fault(3, action);
    expect(await ingest()).toMatchObject({ pages: 8, rows: 160, duplicates: 0, rejected: [] });
    expect(row.fired).toBe(1);
  });

  test('an answer that takes too long is asked for again', async () => {
    const row = fault(3, { kind: 'delay', ms: 400 });
    expect(await ingest(8, memoryStore(), { timeoutMs: 150 })).toMatchObject({ pages: 8, rows: 160 });
    expect(row.fired).toBe(1);
  });

  test('a storm of 429: three answers of ten, and no page is lost or doubled', async () => {
    const row = faults.add({
      service: 'tmdb',
      operation: 'GET *',
      action: { kind: 'status', status: 429, retryAfterSeconds: 1 },
      share: 0.3,
      times: Number.POSITIVE_INFINITY,
    });
    const store = memoryStore();
    const landed = await ingest(50, store);
    expect(landed).toMatchObject({ pages: 50, rows: 1000, duplicates: 0, rejected: [] });
    expect((await pagesOf(store, landed)).map(({ page }) => page)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
    expect(row.fired).toBeGreaterThan(5);
  });

  test('a redirect to another host is refused', async () => {
    fault(3, redirectTo('http://127.0.0.2:9/3/movie/popular'));
    await expect(ingest()).rejects.toMatchObject({ kind: 'permanent', code: 'redirect' });
  });

  test('a token that expires on the way: a clear error without it, and the run goes on with a new one', async () => {
    const expired = { kind: 'status', status: 401 } as const;
    faults.add({ service: 'tmdb', operation: '*', action: expired, skip: 4, times: Number.POSITIVE_INFINITY });
    const store = memoryStore();
    const failure = await ingest(8, store).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ kind: 'config', code: 'tmdb-token' });
    expect(String((failure as Error).stack)).not.toContain(token);
    faults.clear();
    expect(await ingest(8, store)).toMatchObject({ pages: 8, rows: 160, rejected: [] });
  });
});

describe('a list that moves while it is read', () => {
  test('becomes shorter: what is behind the new end is left out', async () => {
    await using moving = await disposable(start());
    moving.server.edit('popular', movies => movies.slice(0, 100));
    const { url } = moving.server;
    const client = tmdbClient({ url, token, requestsPerSecond: 1e6, timeoutMs: 2000 });
    const { store, clock } = dependencies();
    const cutting = {
      // Between the first page and the others.
      async get(...call: Parameters<typeof client.get>) {
        const bytes = await client.get(...call);
        if (call[1]['page'] === '1') moving.server.edit('popular', movies => movies.slice(0, 50));
        return bytes;
      },
    };
    const landed = await ingestList({ list: popular, run, maxPages: 50 }, { client: cutting, store, clock });
    expect(landed).toMatchObject({ pages: 3, rows: 50, duplicates: 0, rejected: [] });
    expect(landed.notes).toEqual([
      'the list had 3 to 5 pages while it was read',
      'the list ends with page 3; left out: 4, 5',
    ]);
  });

  test('a movie that goes from one page to the next is counted once', async () => {
    await using moving = await disposable(start());
    const { url } = moving.server;
    const client = tmdbClient({ url, token, requestsPerSecond: 1e6, timeoutMs: 2000 });
    const { store, clock } = dependencies();
    const moved = {
      async get(...call: Parameters<typeof client.get>) {
        const bytes = await client.get(...call);
        if (call[1]['page'] === '1') {
          moving.server.edit('popular', ([first, ...others]) => [
            ...others.slice(0, 25),
            ...(first === undefined ? [] : [first]),
            ...others.slice(25),
          ]);
        }
        return bytes;
      },
    };
    const landed = await ingestList({ list: popular, run, maxPages: 3 }, { client: moved, store, clock });
    // The first movie is on page 2 as well; the one that took its place on page 1 came from page 2 and is on none.
    expect(landed).toMatchObject({ pages: 3, rows: 59, duplicates: 1 });
  });
});

async function disposable(starting: Promise<TmdbServer>): Promise<AsyncDisposable & { readonly server: TmdbServer }> {
  const started = await starting;
  return { server: started, [Symbol.asyncDispose]: () => started.close() };
}
