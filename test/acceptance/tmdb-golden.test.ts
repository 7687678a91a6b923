/** Use case 3, whole: answers written by hand, and all that the lake makes of them, as text in tmdb/<case>/expected. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startRun, waitForRun } from '../../local/app-client.ts';
import { writeDataSets } from '../../local/imdb/write-data-sets.ts';
import { bronzePagePath, silverTablePath } from '../../shared/catalog/lake-paths.ts';
import { tmdbLists } from '../../shared/catalog/tmdb-lists.ts';
import { readTable } from '../../shared/delta/read.ts';
import { sqlText } from '../../shared/duckdb/session.ts';
import { expectGolden } from './golden.ts';
import { withDeltaEngine } from './imdb/delta-engine.ts';
import { lakeText } from './tmdb/lake-text.ts';
import { carried, moviesPerPage, pagesPerList, raiseTmdbLake, type TmdbLake } from './tmdb-lake.ts';

const cases = join(import.meta.dirname, 'tmdb');
/** What the local cloud's TMDB knows, unless it is told otherwise. */
const world = { seed: 1, titles: 5000 };
let lake: TmdbLake;

beforeAll(async () => {
  lake = await raiseTmdbLake({
    seed: ({ dataDir }) => writeDataSets(join(dataDir, 'landing', 'imdb'), { ...world, only: ['title.basics'] }),
  });
});

afterEach(() => lake.faults.clear());

afterAll(() => lake?.[Symbol.asyncDispose]());

/** A page of a list, or the lookup of genres, as a case has it. */
const answerFile = /^(?:(?<list>\w+)\.page-(?<page>\d+)|genres)\.json$/;

/** Lets TMDB answer as a case has it. Returns the answers by name. */
async function prepare(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const answers = new Map<string, Buffer>();
  for (const name of (await readdir(folder)).sort()) {
    const match = answerFile.exec(name);
    if (match === null) throw new Error(`${folder}/${name}: expected LIST.page-N.json or genres.json`);
    const { list, page } = match.groups ?? {};
    const operation = list === undefined ? 'GET /3/genre/movie/list' : `GET /3/movie/${list}?page=${page}`;
    const bytes = await readFile(join(folder, name));
    lake.faults.add({ service: 'tmdb', operation, action: { kind: 'body', text: bytes.toString('utf8') } });
    answers.set(name, bytes);
  }
  return answers;
}

// One story: the second run meets the lake that the first one left.

test.each([
  ['first-run', 'every quirk that a list may have'],
  ['second-run', 'a list of the same day again, shorter, and a genre by another name'],
])('%s: %s', async name => {
  const answers = await prepare(join(cases, name, 'answers'));
  const lists = tmdbLists.map(list => list.name).filter(list => answers.has(`${list}.page-1.json`));
  const record = await lake.completed({ tables: lists });
  for (const list of lists) {
    const landed = await lake.landed(record, list);
    expect((await lake.transformOf(landed)).status).toBe('Completed');
    for (let page = 1; page <= landed.pages; page++) {
      const bytes = await readFile(join(lake.folder, bronzePagePath(landed.folder, page)));
      expect(bytes, `page ${page} of ${list}`).toEqual(answers.get(`${list}.page-${page}.json`));
    }
  }
  await expectGolden(join(cases, name, 'expected'), await lakeText(lake, record));
});

test('movies of the lists are found among the titles of IMDb, by title and year', async () => {
  await carried(lake, ['top_rated']);
  const { url } = lake.app;
  const runId = await startRun(url, 'imdb', { mode: 'full', tables: ['title.basics'] });
  expect((await waitForRun(url, runId, 25_000)).status).toBe('Completed');
  const found = await withDeltaEngine(lake.folder, async engine => {
    await using titles = await readTable({ table: silverTablePath('imdb', 'titles') }, engine);
    const movies = sqlText(join(lake.folder, silverTablePath('tmdb', 'movies'), 'list=top_rated', '**', '*.parquet'));
    return await engine.duckdb.rows(
      `SELECT count(*)::INT AS movies, count(title_id)::INT AS found
       FROM read_parquet(${movies}) AS movies LEFT JOIN ${titles.relation} AS titles
         ON movies.original_title = titles.original_title AND year(release_date) = start_year`,
    );
  });
  const all = pagesPerList * moviesPerPage;
  expect(found).toEqual([{ movies: all, found: all }]);
});
