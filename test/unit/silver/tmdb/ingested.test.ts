/** From the service's answers to silver: what an ingest leaves in bronze is what a transform expects to find there. */
import { expect, test } from 'vitest';
import { bronzePagePath } from '../../../../shared/catalog/lake-paths.ts';
import { tmdbLists, tmdbLookups } from '../../../../shared/catalog/tmdb-lists.ts';
import { transformList } from '../../../../shared/silver/transform/transform-list.ts';
import { ingestList } from '../../../../shared/sources/tmdb/ingest-list.ts';
import { ingestLookups } from '../../../../shared/sources/tmdb/ingest-lookups.ts';
import { testLake } from '../../delta/lake.ts';
import { silverRows } from './landings.ts';

function movie(id: number, changes: object = {}) {
  return {
    ...{
      adult: false,
      backdrop_path: null,
      genre_ids: [28],
      id,
      original_language: 'en',
      original_title: 'o',
      overview: '',
    },
    ...{ popularity: 1.5, poster_path: '/p.jpg', release_date: '2026-01-01', title: `Movie ${id}`, video: false },
    ...{ vote_average: 7.855, vote_count: 3 },
    ...changes,
  };
}

/** The second page does not fit, the third repeats a movie and has one with a date that is none. */
const pages = [
  [movie(11), movie(12)],
  [movie(13, { id: 'thirteen' })],
  [movie(12), movie(14, { release_date: 'soon' }), movie(15, { release_date: null })],
];

test('a list with a page that does not fit, a repeated movie and a bad date', async () => {
  await using lake = await testLake();
  const client = {
    async get(path: string, query: Readonly<Record<string, string>>) {
      const number = Number(query['page']);
      const answer = path.includes('genre')
        ? { genres: [{ id: 28, name: 'Action' }] }
        : { page: number, results: pages[number - 1], total_pages: pages.length, total_results: 6 };
      return Buffer.from(JSON.stringify(answer));
    },
  };
  const run = { runId: 'tmdb-20260131T120000000Z-0a1b2c', startedAt: '2026-01-31T12:00:00.000Z' };
  const dependencies = { client, store: lake.store, clock: lake.engine.clock };
  const [list] = tmdbLists;
  if (list === undefined) throw new Error('the catalog has no list');
  const landed = await ingestList({ list, run, maxPages: 10 }, dependencies);
  const lookups = tmdbLookups.filter(({ name }) => name === 'genres');
  const [genres] = await ingestLookups({ lookups, run }, dependencies);

  const receipt = await transformList({ ...landed, genres: bronzePagePath(genres?.folder ?? '', 1) }, lake.engine);
  expect(landed).toMatchObject({ rows: 4, rejected: [{ page: 2 }], duplicates: 1 });
  expect(receipt).toMatchObject({ outcome: 'replaced', quarantined: 1, tables: [{ rowsIn: 5, rows: 3 }, {}, {}] });
  const ranks = 'SELECT rank, page, movie_id, list FROM silver ORDER BY rank';
  expect(await silverRows('movie_lists', ranks, lake.engine)).toEqual([
    [1, 1, '11', list.name],
    [2, 1, '12', list.name],
    [4, 3, '15', list.name],
  ]);
  expect(await silverRows('movie_genres', 'SELECT DISTINCT genre FROM silver', lake.engine)).toEqual([['Action']]);
});
