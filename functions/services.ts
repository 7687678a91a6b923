/** What the activities and triggers work with; made once, in main.ts. */

import type { Clock } from '../shared/clock.ts';
import type { AppConfig } from '../shared/config.ts';
import type { ExpansionLimits } from '../shared/sources/imdb/archive-entry.ts';
import type { Landing } from '../shared/sources/imdb/landing.ts';
import type { LakeStore } from '../shared/storage/store.ts';

export interface Services {
  readonly store: LakeStore;
  readonly clock: Clock;
  readonly youflixSqlConnection: string;
  /** Where IMDb files arrive. */
  readonly imdbLanding: Landing;
  readonly imdbExpansion: ExpansionLimits;
  readonly duckdb: AppConfig['duckdb'];
  /** First interval of the durable retry policy; the starters put it into a run's input. */
  readonly retryFirstIntervalMs: number;
}
