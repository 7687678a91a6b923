/** The SELECTs of `shared/silver/tmdb` on real Spark: of the same pages they make the rows that the embedded engine brought to silver. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bronzePagePath, silverPartitionPath, silverTablePath } from '../../shared/catalog/lake-paths.ts';
import type { SilverTable } from '../../shared/silver/silver-table.ts';
import { moviesLatest, tmdbTables } from '../../shared/silver/tmdb/index.ts';
import { movies } from '../../shared/silver/tmdb/movies.ts';
import { movieFields } from '../../shared/silver/transform/movie-fields.ts';
import type { LandedList } from '../../shared/sources/tmdb/landed-list.ts';
import type { Checks } from './checks.ts';
import type { FilledLake } from './filled-lake.ts';
import type { PythonProgram } from './python-program.ts';
import { landedFiles, type PartitionReader, type TypedRows } from './tmdb-meeting.ts';

/** Every partition, and the view over them. The program has run the prelude, and has the actions of spark_tmdb.py and spark_imdb.py. */
export async function compareListSelects(
  { name, program }: PartitionReader,
  lake: FilledLake,
  { check }: Checks,
): Promise<void> {
  const { lists, genres } = lake.landings;
  for (const landed of lists) {
    const { list, date } = landed;
    await check(`${name}: its own rows for ${list} of ${date} are those that are there`, async () => {
      await viewPages(program, lake.folder, landed, genres);
      for (const table of tmdbTables) {
        const path = join(lake.folder, silverPartitionPath('tmdb', table.name, list, date));
        const own = await program.ask('select', { text: await selectOf(table, table.select) });
        assert.deepEqual(own, await program.ask('partitioned_rows', { path }), table.name);
      }
    });
  }
  await check(`${name}: finds what was known last of each movie`, async () => {
    const path = join(lake.folder, silverTablePath('tmdb', movies.name));
    const all = await program.ask<TypedRows>('partitioned_rows', { path, view: movies.name });
    const latest = await program.ask<TypedRows>('select', {
      text: await selectOf(movies, moviesLatest, 'list', 'date'),
    });
    const { landings } = landedFiles(lake);
    assert.deepEqual(latest, { columns: all.columns, rows: await program.ask('latest_movies', { landings }) });
    assert.ok(latest.rows.rows < all.rows.rows, 'every movie is on one list only');
  });
}

/** Makes what the SELECTs read of the pages, all of whose movies are good: each movie at its first place. */
async function viewPages(
  program: PythonProgram,
  folder: string,
  { folder: pages, pages: count, landedAt, runId }: LandedList,
  genres: string,
): Promise<void> {
  const paths = Array.from({ length: count }, (_, index) => join(folder, bronzePagePath(pages, index + 1)));
  await program.ask('view_items', { name: 'places', paths, member: 'results', fields: movieFields });
  const named = [join(folder, bronzePagePath(genres, 1))];
  await program.ask('view_items', { name: 'genre_names', paths: named, member: 'genres', fields: ['id', 'name'] });
  await program.ask('run', {
    statements: [
      `CREATE OR REPLACE TEMPORARY VIEW list_movies AS
       SELECT row_number() OVER (ORDER BY page, position) AS rank, page, position AS position_on_page, ${movieFields},
              '${landedAt}' AS landed_at, '${runId}' AS run_id
       FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY page, position) AS occurrence FROM places)
       WHERE occurrence = 1`,
    ],
  });
}

/** A SELECT with the columns of the table, and then `more`. */
async function selectOf({ columns }: SilverTable, select: URL, ...more: readonly string[]): Promise<string> {
  return `SELECT ${[...columns.map(({ name }) => name), ...more]} FROM (${await readFile(select, 'utf8')})`;
}
