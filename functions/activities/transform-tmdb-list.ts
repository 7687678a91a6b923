import { bronzeListFolder, bronzePagePath } from '../../shared/catalog/lake-paths.ts';
import type { ListLanded } from '../../shared/events/list-landed.ts';
import { transformList } from '../../shared/silver/transform/transform-list.ts';
import type { LakeStore } from '../../shared/storage/store.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';
import { heavyStep } from './heavy-step.ts';

export function registerTransformTmdbList(services: Services): void {
  registerActivity('transform-tmdb-list', ({ landed }, context) =>
    heavyStep(services, async engine => {
      const { list, date, path: folder, runId, contentHash, landedAt } = landed;
      const genres = await landedGenres(services.store, landed);
      const landing = { list, date, folder, runId, contentHash, landedAt };
      const { outcome, tables, quarantined } = await transformList(
        genres === undefined ? landing : { ...landing, genres },
        engine,
      );
      context.log(`transform ${list} of ${date}: ${outcome}, ${quarantined} movies in quarantine`);
      return {
        outcome,
        tables: tables.map(({ table, path, rowsIn, rows, bytes, seconds }) => {
          const counts = { quarantined };
          const step = { name: 'transform', table, rowsIn, rowsOut: rows, bytes, path, seconds, retries: 0, counts };
          return { table, rows, step };
        }),
      };
    }),
  );
}

/** The names of the genres as the same run got them; a run whose lookup failed has none. */
async function landedGenres(store: LakeStore, { runId, date }: ListLanded): Promise<string | undefined> {
  const path = bronzePagePath(bronzeListFolder('genres', { runId, startedAt: date }), 1);
  return (await store.head(path)) === undefined ? undefined : path;
}
