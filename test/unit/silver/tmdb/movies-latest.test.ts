/** What is known last of a movie, over lists, days and landings that came in another order. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { moviesLatest } from '../../../../shared/silver/tmdb/index.ts';
import { movies } from '../../../../shared/silver/tmdb/movies.ts';
import { transformList } from '../../../../shared/silver/transform/transform-list.ts';
import { testLake } from '../../delta/lake.ts';
import { land, page, silverRows } from './landings.ts';

/** In the order of their events. The list of a day is its last landing. */
const landings = [
  { list: 'popular', at: '2026-01-31T06:00:00.000Z', ids: [1, 2, 3, 4, 5] },
  { list: 'popular', at: '2026-02-01T06:00:00.000Z', ids: [1, 2, 6] },
  { list: 'upcoming', at: '2026-02-01T07:00:00.000Z', ids: [2, 3] },
  { list: 'top_rated', at: '2026-02-01T07:00:00.000Z', ids: [3] },
  { list: 'popular', at: '2026-01-31T18:00:00.000Z', ids: [1, 4] },
  // Started before midnight, and took until the morning.
  { list: 'upcoming', at: '2026-01-31T23:59:00.000Z', landedAt: '2026-02-01T08:00:00.000Z', ids: [1, 7] },
];

test('of each movie the newest day, then the newest landing', async () => {
  await using lake = await testLake();
  for (const { ids, ...landing } of landings) {
    const titled = ids.map(id => ({ id, title: `${id} in ${landing.list} of ${landing.at}`, vote_average: id / 8 }));
    await transformList(await land([page(titled)], landing, lake.store), lake.engine);
  }
  const latest = await readFile(moviesLatest, 'utf8');
  const rows = await silverRows('movies', `, movies AS (FROM silver), latest AS (${latest}) FROM latest`, lake.engine);
  const titles = rows.map(row => row[1]).sort();
  expect(titles).toEqual([
    '1 in popular of 2026-02-01T06:00:00.000Z',
    '2 in upcoming of 2026-02-01T07:00:00.000Z',
    // Landed at the same moment by the same run: the first list by name.
    '3 in top_rated of 2026-02-01T07:00:00.000Z',
    '4 in popular of 2026-01-31T18:00:00.000Z',
    '6 in popular of 2026-02-01T06:00:00.000Z',
    '7 in upcoming of 2026-01-31T23:59:00.000Z',
  ]);
  const one = await silverRows(
    'movies',
    `, movies AS (FROM silver), latest AS (${latest}) FROM latest WHERE movie_id = 4`,
    lake.engine,
  );
  expect(one).toEqual([
    [
      '4',
      '4 in popular of 2026-01-31T18:00:00.000Z',
      ...Array(7).fill(null),
      '0.500',
      null,
      null,
      null,
      'popular',
      '2026-01-31',
      '2026-01-31 18:00:00+00',
      'tmdb-20260131T180000000Z',
    ],
  ]);
});

test('it has every column of the table', async () => {
  const latest = await readFile(moviesLatest, 'utf8');
  const columns = latest
    .slice('SELECT'.length, latest.indexOf('FROM'))
    .split(',')
    .map(column => column.trim());
  const partition = ['list', 'date'];
  expect(columns.filter(column => !partition.includes(column))).toEqual(movies.columns.map(({ name }) => name));
});
