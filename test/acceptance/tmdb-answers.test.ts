/** TMDB on a bad day: what it answers is kept, what does not fit is reported and left out, and the other lists know nothing of it. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FaultAction } from '../../local/faults.ts';
import { bronzePagePath, quarantineListPath } from '../../shared/catalog/lake-paths.ts';
import type { LandedList, RejectedPage } from '../../shared/sources/tmdb/landed-list.ts';
import { oddBodies, redirectTo, wrongBodies } from '../contracts/tmdb/wrong-bodies.ts';
import { failuresOf, stepOf, tableOf } from './raised-lake.ts';
import { carried, moviesPerPage, pagesPerList, raiseTmdbLake, type TmdbLake } from './tmdb-lake.ts';

let lake: TmdbLake;

const lists = ['popular', 'top_rated', 'now_playing', 'upcoming'] as const;
const forever = { times: Number.POSITIVE_INFINITY };

beforeAll(async () => {
  lake = await raiseTmdbLake();
});

afterEach(() => lake.faults.clear());

afterAll(() => lake?.[Symbol.asyncDispose]());

function disturb(list: string, page: number | '*', action: FaultAction, more = {}): { readonly fired: number } {
  return lake.faults.add({ service: 'tmdb', operation: `GET /3/movie/${list}?page=${page}`, action, ...more });
}

/** As `disturb`, by another body; tells which one was sent. */
function replace(list: string, page: number, action: FaultAction): () => string {
  if (action.kind !== 'body') throw new Error(`expected another body, got ${action.kind}`);
  const { text } = action;
  let sent = '';
  disturb(list, page, {
    ...action,
    text(body) {
      sent = typeof text === 'function' ? text(body) : text;
      return sent;
    },
  });
  return () => sent;
}

/** Movies by page of what silver has of these landings, by list. */
async function silverPages(...landings: readonly LandedList[]): Promise<unknown> {
  const runs = landings.map(({ list, runId }) => `('${list}', '${runId}')`);
  const rows = await lake.query(
    `SELECT list, page, count(*)::INT AS movies FROM movie_lists JOIN movies USING (list, date, movie_id, run_id)
     WHERE (list, run_id) IN (${runs}) GROUP BY list, page`,
  );
  const pages = (name: string) =>
    Object.fromEntries(rows.filter(({ list }) => list === name).map(({ page, movies }) => [page, movies]));
  return Object.fromEntries(landings.map(({ list }) => [list, pages(list)]));
}

// One in each list. What else can be wrong with a page is tested where pages are read (unit/sources/tmdb).
test.each([
  ['an HTML page', 'an error body', 'nothing at all', 'half a page'],
  ['NaN for a number', '1e400 for a number', 'an id as text', 'no title'],
] as const)('a page is kept, reported and left out: %s, %s, %s, %s', async (...names) => {
  const bodies = names.map((name, index) => replace(lists[index] ?? '', 2, wrongBodies[name]));
  const record = await lake.completed({ tables: lists });
  const landings = await Promise.all(lists.map(list => lake.landed(record, list)));
  for (const [index, landed] of landings.entries()) {
    const path = bronzePagePath(landed.folder, 2);
    expect(await readFile(join(lake.folder, path), 'utf8')).toBe(bodies[index]?.());
    expect(landed).toMatchObject({ pages: pagesPerList, rows: moviesPerPage * (pagesPerList - 1) });
    expect(landed.rejected).toEqual([{ page: 2, path, reasons: [expect.stringMatching(/expected .+, got /)] }]);
    const quarantine = await lake.document<{ rejected: readonly RejectedPage[] }>(quarantineListPath(landed.folder));
    expect(quarantine?.rejected).toEqual(landed.rejected);
    expect(record.notes).toContain(
      `${landed.list}, page 2 is in quarantine: ${landed.rejected[0]?.reasons.join('; ')}`,
    );
    expect(await lake.transformOf(landed)).toMatchObject({ status: 'Completed' });
  }
  const others = { 1: moviesPerPage, 3: moviesPerPage };
  expect(await silverPages(...landings)).toEqual(Object.fromEntries(lists.map(list => [list, others])));
});

test('a list of which no page fits fails alone: its bytes are in bronze, its silver stays, nobody is told', async () => {
  const { popular: before } = await carried(lake, ['popular']);
  for (let page = 1; page <= pagesPerList; page++) disturb('popular', page, wrongBodies['an HTML page']);
  const record = await lake.run({ tables: ['popular', 'upcoming'] });
  expect(failuresOf(record)).toEqual({
    popular: {
      step: 'ingest-tmdb-list',
      code: 'no-page-fits',
      message: expect.stringMatching(/none of 1 page\(s\) fits.*quarantine\/tmdb\/popular\/.*bronze\/tmdb\/popular\//),
    },
  });
  const upcoming = await lake.landed(record, 'upcoming');
  expect(await lake.transformOf(upcoming)).toMatchObject({ status: 'Completed' });
  const folder = upcoming.folder.replace('upcoming', 'popular');
  expect(Object.keys(await lake.filesBelow(folder))).toEqual(['page-0001.json']);
  expect((await lake.outbox()).map(({ event }) => event.id)).not.toContain(`${record.runId}.popular`);
  expect(await silverPages(before)).toEqual({
    popular: { 1: moviesPerPage, 2: moviesPerPage, 3: moviesPerPage },
  });
});

test('what is odd but right lands: unknown fields, no movies, no pages, more pages than the API gives', async () => {
  disturb('popular', 2, oddBodies['an unknown field']);
  for (let page = 1; page <= pagesPerList; page++) disturb('top_rated', page, oddBodies['no results']);
  disturb('now_playing', 1, oddBodies['no pages']);
  disturb('upcoming', '*', oddBodies['more than 500 pages'], forever);
  const { popular, top_rated, now_playing, upcoming } = await carried(lake, lists);
  const all = pagesPerList * moviesPerPage;
  expect(popular).toMatchObject({
    rows: all,
    rejected: [],
    notes: expect.arrayContaining([expect.stringContaining('results[].softcore')]),
  });
  expect(top_rated).toMatchObject({ rows: 0, pages: 1, notes: expect.arrayContaining(['the list is empty']) });
  expect(now_playing).toMatchObject({ rows: 0, pages: 1, notes: ['the list is empty'] });
  expect(upcoming).toMatchObject({ rows: all, pages: pagesPerList, notes: ['3 of 501 pages taken'] });
  expect(await silverPages(top_rated)).toEqual({ top_rated: {} });
  expect(await lake.query(`SELECT DISTINCT list FROM movie_lists ORDER BY list`)).toEqual([
    { list: 'popular' },
    { list: 'upcoming' },
  ]);
});

test('a list that becomes shorter while it is read has the pages that are left', async () => {
  disturb('popular', 2, { kind: 'body', text: body => JSON.stringify({ ...JSON.parse(body), total_pages: 2 }) });
  disturb('popular', 3, {
    kind: 'body',
    text: body => JSON.stringify({ ...JSON.parse(body), results: [], total_pages: 2 }),
  });
  const { popular } = await carried(lake, ['popular']);
  expect(popular).toMatchObject({ pages: 2, rows: 2 * moviesPerPage, rejected: [] });
  expect(popular.notes).toContain('the list ends with page 2; left out: 3');
  expect(await silverPages(popular)).toEqual({ popular: { 1: moviesPerPage, 2: moviesPerPage } });
});

test('a movie that moves to the next page while it is read is counted once, at its first place', async () => {
  let last: unknown;
  disturb('popular', 1, {
    kind: 'body',
    text(body) {
      last = JSON.parse(body).results.at(-1);
      return body;
    },
  });
  disturb('popular', 2, {
    kind: 'body',
    text(body) {
      const page = JSON.parse(body);
      return JSON.stringify({ ...page, results: [last, ...page.results.slice(0, -1)] });
    },
  });
  const { popular } = await carried(lake, ['popular']);
  expect(popular).toMatchObject({ rows: pagesPerList * moviesPerPage - 1, duplicates: 1 });
  const twice = await lake.query(
    `SELECT page, position_on_page, rank FROM movie_lists WHERE list = 'popular' AND rank BETWEEN 20 AND 21 ORDER BY rank`,
  );
  expect(twice).toEqual([
    { page: 1, position_on_page: 20, rank: 20 },
    { page: 2, position_on_page: 2, rank: 21 },
  ]);
});

test('a redirect to another host is refused, and the token is not sent there', async () => {
  const asked: unknown[] = [];
  const other = createServer((request, response) => {
    asked.push(request.headers);
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const fault = disturb('popular', 2, redirectTo(`${elsewhere}/3/movie/popular`), forever);
  const record = await lake.run({ tables: ['popular'] });
  other.close();
  expect(failuresOf(record)).toMatchObject({
    popular: { code: 'redirect', message: expect.stringContaining(`got a redirect to ${elsewhere}`) },
  });
  expect([fault.fired, asked]).toEqual([1, []]);
});

test('a storm in which three of ten calls are refused costs time, and no page', async () => {
  const some = ['popular', 'top_rated'];
  const undisturbed = await lake.completed({ tables: some });
  const storm = lake.faults.add({
    ...{ service: 'tmdb', operation: 'GET *', share: 0.3, ...forever },
    action: { kind: 'status', status: 429, retryAfterSeconds: 0 },
  });
  const record = await lake.completed({ tables: some });
  for (const list of some) {
    const landed = await lake.landed(record, list);
    expect(landed).toMatchObject({ pages: pagesPerList, duplicates: 0, rejected: [] });
    expect(landed.contentHash).toBe((await lake.landed(undisturbed, list)).contentHash);
    expect(Object.keys(await lake.filesBelow(landed.folder))).toHaveLength(pagesPerList + 1);
    expect(await lake.transformOf(landed)).toMatchObject({ status: 'Completed' });
  }
  const retries = [...some, 'genres', 'configuration'].map(name => stepOf(record, name, 'ingest').retries);
  expect(retries.reduce((sum, count) => sum + count)).toBe(storm.fired);
  expect(storm.fired).toBeGreaterThan(0);
});

test('lists land without the lookups, and the run says what is missing', async () => {
  const operation = 'GET /3/genre/movie/list';
  lake.faults.add({ service: 'tmdb', operation, action: { kind: 'status', status: 404 }, ...forever });
  const record = await lake.run({ tables: ['popular'] });
  expect(failuresOf(record)).toMatchObject({ lookups: { code: 'tmdb-404' } });
  expect(tableOf(record, 'popular').outcome).toBe('ok');
  const landed = await lake.landed(record, 'popular');
  expect(await lake.transformOf(landed)).toMatchObject({ status: 'Completed' });
  const [named] = await lake.query(
    `SELECT count(genre)::INT AS named, count(*) > 0 AS some FROM movie_genres WHERE list = 'popular'`,
  );
  expect(named).toEqual({ named: 0, some: true });
});
