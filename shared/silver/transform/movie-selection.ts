/** Which movies of a landing go to silver, where on the list they are, and which are set aside. */
import { type DuckDbSession, sqlName, sqlText } from '../../duckdb/session.ts';
import type { Landing } from './landed-pages.ts';
import { fieldText, misfitReasons, movieFields, movieId } from './movie-fields.ts';
import { type LocalPage, pageItems } from './page-items.ts';

export interface MovieSelection {
  /** Places of the list that were read: movies, those that are there again, and those set aside. */
  readonly places: number;
  /** DuckDB view (page, position, reasons, movie): what does not fit. */
  readonly misfits: string;
  readonly misfitRows: number;
}

/**
 * Makes the view `list_movies` that the SELECTs of the tables read. A movie on two pages has the rank of its first place, and the
 * values of its first place where all fit.
 */
export async function selectMovies(
  pages: readonly LocalPage[],
  { landedAt, runId }: Landing,
  duckdb: DuckDbSession,
): Promise<MovieSelection> {
  await findPlaces(pages, duckdb);
  const fields = movieFields.map(name => `${fieldText('movie', name)} AS ${sqlName(name)}`);
  await duckdb.run(
    `CREATE OR REPLACE TEMPORARY VIEW list_movies AS
     SELECT rank, page, position AS position_on_page, ${fields},
            ${sqlText(landedAt)} AS landed_at, ${sqlText(runId)} AS run_id
     FROM places WHERE len(reasons) = 0
     QUALIFY row_number() OVER (PARTITION BY movie_id ORDER BY place) = 1`,
  );
  await duckdb.run(
    `CREATE OR REPLACE TEMPORARY VIEW misfits AS
     SELECT page, position, reasons, movie FROM places WHERE len(reasons) > 0`,
  );
  const [counted] = await duckdb.rows('SELECT count(*) AS places, count_if(len(reasons) > 0) AS misfits FROM places');
  return { places: Number(counted?.['places']), misfits: 'misfits', misfitRows: Number(counted?.['misfits']) };
}

/** Table (place, page, position, movie, reasons, movie_id, rank): `place` counts over all pages, `rank` the movies among them. */
async function findPlaces(pages: readonly LocalPage[], duckdb: DuckDbSession): Promise<void> {
  await duckdb.run(
    `CREATE OR REPLACE TEMPORARY TABLE items AS
     SELECT row_number() OVER (ORDER BY page, position) AS place, page, position, item AS movie,
            CASE WHEN position IS NULL THEN ['expected a page of JSON with an array named results'] ELSE ${misfitReasons('item')} END AS reasons,
            ${movieId('item')} AS movie_id
     FROM ${pageItems(pages, 'results')}`,
  );
  await duckdb.run(
    `CREATE OR REPLACE TEMPORARY TABLE places AS
     SELECT * EXCLUDE (movies_so_far), CAST(min(movies_so_far) OVER (PARTITION BY movie_id) AS INTEGER) AS rank
     FROM (
       SELECT *, count_if(is_first) OVER (ORDER BY place) AS movies_so_far
       FROM (
         SELECT *, movie_id IS NULL OR row_number() OVER (PARTITION BY movie_id ORDER BY place) = 1 AS is_first
         FROM items
       )
     )`,
  );
}
