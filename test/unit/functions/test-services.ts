import type { Services } from '../../../functions/services.ts';
import { memoryStore } from '../../../shared/storage/memory-store.ts';
import { memoryLanding } from '../sources/imdb/memory-landing.ts';

/** Services over memory, with a clock that stands still. No database behind them. */
export function testServices(parts: Partial<Services> = {}): Services {
  return {
    store: memoryStore(),
    clock: { now: () => Date.UTC(2026, 0, 31, 12) },
    youflixSqlConnection: 'unused',
    imdbLanding: memoryLanding(),
    imdbExpansion: { maxBytes: 1024 ** 3, maxRatio: 100 },
    tmdb: { maxPages: 1, client: () => Promise.reject(new Error('no TMDB here')) },
    events: () => Promise.reject(new Error('no topic here')),
    duckdb: { memoryMb: 256, threads: 1 },
    retryFirstIntervalMs: 1,
    ...parts,
  };
}
