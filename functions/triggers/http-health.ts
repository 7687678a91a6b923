import { app } from '@azure/functions';
import { errorMessage } from '../../shared/errors.ts';
import type { Landing } from '../../shared/sources/imdb/landing.ts';
import { inSnapshot } from '../../shared/sources/mssql/database.ts';
import { retryBudget } from '../../shared/sources/tmdb/retry-budget.ts';
import type { Services } from '../services.ts';

/**
 * One cheap call per dependency; 503 when any fails. Open to monitors, so it tells no more than that. The Event Grid topic has no call
 * but publishing: what it refuses stays in the outbox and fails the run.
 */
export function registerHttpHealth({ store, youflixSqlConnection, imdbLanding, tmdb }: Services): void {
  const checks: Readonly<Record<string, () => Promise<unknown>>> = {
    lake: () => store.head('control/health'),
    imdbLanding: () => anyFile(imdbLanding),
    // Asked once: a monitor is to hear of trouble, not to wait until it has passed.
    tmdb: async () => (await tmdb.client()).get('/3/configuration', {}, retryBudget(0)),
    youflixDatabase: () => inSnapshot(youflixSqlConnection, session => session.rows('health', 'SELECT 1 AS alive')),
  };

  app.http('health', {
    route: 'health',
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: async (_request, context) => {
      const results = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => {
          try {
            await check();
            return [name, 'ok'] as const;
          } catch (error) {
            context.warn(`health of ${name}: ${errorMessage(error)}`);
            return [name, 'failed'] as const;
          }
        }),
      );
      const healthy = results.every(([, state]) => state === 'ok');
      return {
        status: healthy ? 200 : 503,
        jsonBody: { status: healthy ? 'ok' : 'failed', ...Object.fromEntries(results) },
      };
    },
  });
}

async function anyFile(landing: Landing): Promise<boolean> {
  for await (const _file of landing.list()) return true;
  return false;
}
