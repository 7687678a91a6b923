import { tmdbLookups } from '../../shared/catalog/tmdb-lists.ts';
import { ingestLookups } from '../../shared/sources/tmdb/ingest-lookups.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';
import { measuredStep } from './step.ts';

export function registerIngestTmdbLookups({ store, clock, tmdb }: Services): void {
  registerActivity('ingest-tmdb-lookups', async ({ run }) => {
    const client = await tmdb.client();
    const steps = [];
    for (const lookup of tmdbLookups) {
      const { step } = await measuredStep(
        'ingest',
        lookup.name,
        async () => {
          const [landed] = await ingestLookups({ lookups: [lookup], run }, { client, store, clock });
          return landed;
        },
        landed => ({ rowsIn: 1, rowsOut: landed?.rows ?? 0, bytes: landed?.bytes ?? 0, path: landed?.folder ?? '' }),
      );
      steps.push(step);
    }
    return { steps };
  });
}
