/** What the numbers of genres mean, from the answer to the lookup. */
import { stageFiles } from '../../delta/data-files.ts';
import type { DeltaEngine } from '../../delta/engine.ts';
import { pageItems } from './page-items.ts';

/** Makes the table `genre_names` that the SELECTs read; without `answer`, a path in the lake, it is empty. */
export async function nameGenres(answer: string | undefined, engine: DeltaEngine): Promise<void> {
  await using staged = await stageFiles(answer === undefined ? [] : [answer], engine);
  const pages = staged.paths.map((path, index) => ({ page: index + 1, path }));
  // A number that is there twice must not double the movies that have it.
  await engine.duckdb.run(
    `CREATE OR REPLACE TEMPORARY TABLE genre_names AS
     SELECT item ->> 'id' AS id, min(item ->> 'name') AS name FROM ${pageItems(pages, 'genres')} GROUP BY id`,
  );
}
