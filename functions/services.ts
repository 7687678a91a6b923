/** What the activities and triggers work with; made once, in main.ts. */

import type { Clock } from '../shared/clock.ts';
import type { AppConfig } from '../shared/config.ts';
import type { EventPublisher } from '../shared/events/lake-event.ts';
import type { ExpansionLimits } from '../shared/sources/imdb/archive/archive-entry.ts';
import type { Landing } from '../shared/sources/imdb/landing.ts';
import type { TmdbClient } from '../shared/sources/tmdb/client.ts';
import type { LakeStore } from '../shared/storage/store.ts';

export interface Services {
  readonly store: LakeStore;
  readonly clock: Clock;
  readonly youflixSqlConnection: string;
  /** Where IMDb files arrive. */
  readonly imdbLanding: Landing;
  readonly imdbExpansion: ExpansionLimits;
  readonly tmdb: { readonly maxPages: number; client(): Promise<TmdbClient> };
  /** Where the lake's events go; made on first use. */
  events(): Promise<EventPublisher>;
  readonly duckdb: AppConfig['duckdb'];
  /** First interval of the durable retry policy; the starters put it into a run's input. */
  readonly retryFirstIntervalMs: number;
}
