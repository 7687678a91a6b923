import { tmdbLists } from '../../shared/catalog/tmdb-lists.ts';
import { ConfigError } from '../../shared/errors.ts';
import { ingestList } from '../../shared/sources/tmdb/ingest-list.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';
import { measuredStep } from './step.ts';

export function registerIngestTmdbList({ store, clock, tmdb }: Services): void {
  registerActivity('ingest-tmdb-list', async ({ run, list: name }, context) => {
    const list = tmdbLists.find(candidate => candidate.name === name);
    if (list === undefined) {
      const known = tmdbLists.map(candidate => candidate.name).join(', ');
      throw new ConfigError(`catalog: there is no list ${JSON.stringify(name)} (there are: ${known})`, {
        code: 'unknown-table',
      });
    }
    const { result: landed, step } = await measuredStep(
      'ingest',
      name,
      async () => ingestList({ list, run, maxPages: tmdb.maxPages }, { client: await tmdb.client(), store, clock }),
      ({ rows, duplicates, bytes, folder, pages, rejected }) => ({
        rowsIn: rows + duplicates,
        rowsOut: rows,
        bytes,
        path: folder,
        counts: { pages, duplicates, rejectedPages: rejected.length },
      }),
    );
    context.log(`ingest ${name}: ${landed.rows} movies on ${landed.pages} pages to ${landed.folder}`);
    return { landed, step };
  });
}
