/** Pages of a movie list as the service sends them. */

import type { TmdbList } from '../../../../shared/catalog/tmdb-lists.ts';
import { tmdbClient } from '../../../../shared/sources/tmdb/client.ts';
import type { IngestDependencies } from '../../../../shared/sources/tmdb/ingest-list.ts';
import { memoryStore } from '../../../../shared/storage/memory-store.ts';
import type { LakeStore } from '../../../../shared/storage/store.ts';
import { skippedTime } from './virtual-time.ts';

export const list: TmdbList = {
  name: 'popular',
  path: '/3/movie/popular',
  description: 'Movies by popularity today.',
  language: 'en-US',
  region: null,
};

export const run = { runId: 'tmdb-20260131T060000000Z-0a1b2c', startedAt: '2026-01-31T06:00:00.000Z' };
export const folder = `bronze/tmdb/popular/2026/01/31/${run.runId}`;

export function movie(id: number): Record<string, unknown> {
  return {
    adult: false,
    backdrop_path: null,
    genre_ids: [18, 35],
    id,
    original_language: 'ja',
    original_title: '七人の侍',
    overview: 'A village\nhires "seven" swordsmen.',
    popularity: 12.5,
    poster_path: '/a.jpg',
    release_date: '1954-04-26',
    title: 'Seven Samurai',
    video: false,
    vote_average: 8.5,
    vote_count: 3000,
  };
}

export interface PageTotals {
  readonly pages: number;
  readonly movies?: number;
}

export function page(number: number, ids: readonly number[], totals: PageTotals): Record<string, unknown> {
  const { pages, movies = pages * 20 } = totals;
  return { page: number, results: ids.map(movie), total_pages: pages, total_results: movies };
}

/** Twenty ids for each page, none twice. */
export function idsOf(number: number): readonly number[] {
  return Array.from({ length: 20 }, (_, index) => number * 100 + index);
}

export const token = 'eyJhbGciOiJIUzI1NiJ9.a-bearer_token.for~tests+and/no=';

/** A client that is never slow of itself: as many requests as it likes, no waiting between tries. */
export function dependencies(url: string, store: LakeStore = memoryStore(), timeoutMs = 5000): IngestDependencies {
  const effects = skippedTime();
  const client = tmdbClient({ url, token, requestsPerSecond: 1e6, timeoutMs, effects });
  return { client, store, clock: { now: () => Date.parse('2026-01-31T06:00:05.000Z') } };
}
